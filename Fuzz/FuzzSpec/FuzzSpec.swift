import Planning
import Spec

/// libFuzzer's driver (LLVM, "libFuzzer: a library for coverage-guided fuzz testing", "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name under which SwiftPM links an executable's entry.
@_cdecl("FuzzSpec_main")
func entry(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzz)
}

/// Any bytes give a platform or at least one error, and every report of it can be printed.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let parsed = ParsedPlatform.parse(bytes: input, name: "hauban.yaml")
    precondition(parsed.base != nil || parsed.diagnostics.hasErrors, "neither a platform nor an error")
    guard let today = CalendarDate(year: 2026, month: 11, day: 21) else { return 0 }
    let diagnostics = Policies.check(parsed, today: today)
    _ = TextReport(source: parsed.source).text(diagnostics)
    _ = JSONReport(source: parsed.source).text(diagnostics)
    _ = SARIFReport(source: parsed.source).text(diagnostics)
    return 0
}
