internal import Glibc

/// log(x) to base e.
func naturalLog(_ value: Double) -> Double { Glibc.log(value) }
