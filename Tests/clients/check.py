"""What the client scripts share: named checks, and an exit status that says whether all held."""
import sys
import traceback

failures = 0
passed = 0


def check(name, function):
    """Runs one check; a false answer or an exception is a failure, and the next check still runs."""
    global failures, passed
    try:
        result = function()
        if result is False:
            raise AssertionError("false")
        passed += 1
        print(f"ok   {name}")
    except Exception as error:  # noqa: BLE001 - any failure of a client is the finding
        failures += 1
        print(f"FAIL {name}: {type(error).__name__}: {error}")
        last = traceback.extract_tb(error.__traceback__)[-1]
        print(f"     at {last.filename}:{last.lineno}: {last.line}")


def equal(got, want):
    if got != want:
        raise AssertionError(f"expected {want!r}, got {got!r}")
    return True


def done():
    print(f"{passed} passed, {failures} failed")
    sys.exit(1 if failures else 0)
