internal import Glibc

enum ProcessEnd {
    static func now(_ code: Int32) -> Never { Glibc._exit(code) }
}

enum Terminal {
    static var isOutput: Bool { isatty(1) == 1 }
}
