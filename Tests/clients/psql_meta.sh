#!/usr/bin/env bash
# psql's backslash commands and options against PORT: each must exit 0 without an ERROR, and show what it is about.
set -u
port=$1
failed=0
passed=0

run() { # words that must appear (may be empty), psql arguments...
  local want=$1
  shift
  local output
  if output=$(psql -X -h 127.0.0.1 -p "$port" -U admin -d leibrix -v ON_ERROR_STOP=1 "$@" 2>&1) && [[ $output != *ERROR* && $output == *"$want"* ]]; then
    passed=$((passed + 1))
    echo "ok   $*"
  else
    failed=$((failed + 1))
    echo "FAIL $*: wanted [$want] in:"
    echo "$output" | head -12 | sed 's/^/     /'
  fi
}

run "leibrix" -c '\l'
run "leibrix" -c '\l+'
run "public" -c '\dn'
run "public" -c '\dn+'
run "depts" -c '\d'
run "depts" -c '\d+'
run "orders" -c '\dt'
run "orders" -c '\dt+'
run "epochs" -c '\dv leibrix.*'
run "" -c '\dv'
run "" -c '\di'
run "" -c '\ds'
run "" -c '\dm'
run "numeric(12,2)" -c '\d depts'
run "extended" -c '\d+ depts'
run "bigint[]" -c '\d nested'
run "timestamp with time zone" -c '\d types'
run "epoch_id" -c '\d leibrix.epochs'
run "" -c '\d pg_catalog.pg_class'
run "admin" -c '\du'
run "admin" -c '\du+'
run "admin" -c '\dg'
run "" -c '\df'
run "" -c '\df upper'
run "" -c '\da'
run "" -c '\dT'
run "integer" -c '\dT+ int4'
run "" -c '\dp'
run "" -c '\z depts'
run "" -c '\dx'
run "" -c '\db'
run "" -c '\dC'
run "" -c '\dc'
run "" -c '\dD'
run "" -c '\dd'
run "" -c '\ddp'
run "" -c '\dE'
run "" -c '\des'
run "" -c '\dew'
run "" -c '\det'
run "" -c '\deu'
run "" -c '\dF'
run "" -c '\dFd'
run "" -c '\dFp'
run "" -c '\dFt'
run "" -c '\dL'
run "" -c '\dO'
run "" -c '\do'
run "" -c '\dP'
run "" -c '\drds'
run "" -c '\dRp'
run "" -c '\dRs'
run "" -c '\dy'
run "" -c '\dX'
run "" -c '\dA'
run "" -c '\dconfig'
run "UTF8" -c '\encoding'
run "127.0.0.1" -c '\conninfo'
run "7" -Atc 'SELECT count(*) FROM depts'
run "READY" -c 'SHOW EPOCHS FROM orders'
run "depts" -c 'SHOW DATASETS'
run "sales" -c '\x on' -c 'SELECT * FROM depts WHERE id = 1'
run "integer" -f <(printf 'SELECT id FROM depts \\gdesc\n')
run "3" -f <(printf 'SELECT 1 AS a, 2 AS b \\gset\nSELECT :a + :b\n')
run "1,sales,100000.50" --csv -c 'SELECT * FROM depts ORDER BY id'
run "100000.50" -c '\copy (SELECT * FROM depts ORDER BY id) TO STDOUT'
run "1,sales" -c '\copy depts TO STDOUT CSV'
run "5000" -c '\set FETCH_COUNT 100' -Atc 'SELECT max(id) + 1 FROM orders'
run "Time" -c '\timing on' -c 'SELECT 1'
run "2" -1 -Atc 'SELECT 1; SELECT 2'
run "EXPLAIN" -c 'EXPLAIN SELECT * FROM depts' -c '\echo EXPLAIN'
run "42P01" -v VERBOSITY=verbose -c '\set ON_ERROR_STOP off' -c 'SELECT 1' -c '\echo 42P01'
run "dep" -c "SELECT relname FROM pg_class WHERE relname LIKE 'dep%'"
run "no_such" -c '\d no_such_table' -c '\echo no_such' -v ON_ERROR_STOP=0

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
