import Glibc
import Spec
import Testing

@Suite("Large platforms")
struct LargePlatformTests {
    static func platform(services: Int) -> String {
        var text = "hauban: 1\nplatform: large\nservices:\n"
        for index in 0..<services {
            text += """
                  s\(index):
                    source: services/s\(index)
                    run: ./serve --port ${port}
                    port: \(1024 + index)
                    health: {ready: /health, live: /live}
                    uses: {db\(index % 20): write\(index > 0 ? ", s\(index - 1): call" : "")}
                    env: {DATABASE_URL: "${db\(index % 20).url}", LOG_LEVEL: info}
                    scale: {min: 2, max: 6, cpu: 70%}
                    size: {cpu: 250m, memory: 256Mi}
                    slo: {availability: 99.9%, latency: {p95: 300ms}}

                """
        }
        text += "resources:\n"
        for index in 0..<20 { text += "  db\(index): {kind: postgres, storage: 20Gi}\n" }
        text += "environments:\n  dev: {target: local}\n"
        for name in ["staging", "prod"] {
            text += "  \(name):\n    target: docker\n    services:\n"
            for index in 0..<services where index % 5 == 0 { text += "      s\(index): {scale: {min: 3, max: 12}}\n" }
        }
        return text
    }

    @Test("500 services in three environments are read whole")
    func large() {
        let clock = ContinuousClock()
        let text = Self.platform(services: 500)
        var parsed = ParsedPlatform.parse(text: "", name: "")
        let time = clock.measure { parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml") }
        #expect(
            parsed.diagnostics.isEmpty, "\(TextReport(source: parsed.source).text(parsed.diagnostics).prefix(2000))")
        #expect(parsed.base?.services.count == 500)
        #expect(parsed.environments.count == 3)
        print("reading \(text.utf8.count) bytes, 500 services, 3 environments: \(time)")
    }

    /// The processor's time of this thread, which does not depend on what else the machine does.
    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test("a file of one long line takes time in proportion to its length")
    func oneLine() {
        func time(_ count: Int) -> Duration {
            let text =
                "hauban: 1\nplatform: shop\nabout: [" + Array(repeating: "a", count: count).joined(separator: ",") + "]"
            let times = (0..<3).map { _ in
                let begin = Self.threadTime()
                _ = ParsedPlatform.parse(text: text, name: "hauban.yaml")
                return Self.threadTime() - begin
            }
            return times.min() ?? .zero
        }
        _ = time(1000)
        let small = time(10_000)
        let large = time(80_000)
        // Eight times the work; a square law would take 64 times as long.
        #expect(large < small * 30, "\(small) for 10,000 items, \(large) for 80,000")
    }
}
