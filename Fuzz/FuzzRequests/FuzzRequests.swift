import DoorKit
import Glibc

/// libFuzzer's driver (LLVM, "libFuzzer: a library for coverage-guided fuzz testing", "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name under which SwiftPM links an executable's entry.
@_cdecl("FuzzRequests_main")
func entry(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzz)
}

/// Whatever clients and services send, in whatever pieces: see `DoorScript` for what must hold.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let problems = DoorScript(Array(UnsafeBufferPointer(start: bytes, count: count))).play().problems
    for problem in problems { print(problem) }
    fflush(nil)
    precondition(problems.isEmpty, "the front door broke a rule")
    return 0
}
