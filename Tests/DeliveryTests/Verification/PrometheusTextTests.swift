import Planning
import TestKit
import Testing
import World

@Suite("Prometheus' text, as services show it")
struct PrometheusTextTests {
    private static let good: [(text: String, samples: Int)] = [
        ("", 0), ("up 1\n", 1), ("up 1", 1), ("# HELP a b\n# TYPE a counter\na 1\n", 1),
        ("a{b=\"c\"} 1 1395066363000\n", 1), ("a{b=\"c\",d=\"e\",} 1.5e3\n", 1), ("a{} +Inf\n", 1),
        ("a{b=\"\\\"}, \\\\ \\n\"} NaN\n", 1), ("a 1\n\nb 2\n# anything\nc{x=\"1\"} -0.5\n", 3),
        ("# TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", 4),
    ]
    private static let bad: [(text: String, line: Int)] = [
        ("<!doctype html>\n", 1), ("up\n", 1), ("up one\n", 1), ("a 1\n9b 2\n", 2), ("a{b=\"c\" 1\n", 1),
        ("a{b=c} 1\n", 1), ("a{b=\"c} 1\n", 1), ("a 1 2 3\n", 1), ("{\"status\": \"ok\"}\n", 1),
        ("# TYPE a speed\na 1\n", 1),
    ]

    @Test("what is good is counted", arguments: good.indices)
    func counted(_ index: Int) throws {
        #expect(try PrometheusText.samples(in: Self.good[index].text) == Self.good[index].samples)
    }

    @Test("what is broken is told by its line", arguments: bad.indices)
    func broken(_ index: Int) {
        let sample = Self.bad[index]
        do throws(PrometheusText.Malformed) {
            let count = try PrometheusText.samples(in: sample.text)
            Issue.record("\(sample.text) is taken for \(count) samples")
        } catch {
            #expect(error.line == sample.line)
        }
    }

    @Test("OpenMetrics' lines are read too")
    func openMetrics() throws {
        let text = "# TYPE a counter\n# UNIT a_seconds seconds\na_total 3 # {trace_id=\"x\"} 1 2\n# EOF\n"
        #expect(try PrometheusText.samples(in: text) == 1)
    }

    @Test("Prometheus' own tool says the same of each")
    func promtool() async throws {
        // It wants a line end after the last line, which a scrape does not. It exits 3 for what it only advises against.
        let good = Self.good.filter { $0.samples > 0 && $0.text.hasSuffix("\n") }.map(\.text)
        let folder = TemporaryFolder()
        for (index, text) in (good + Self.bad.map(\.text)).enumerated() { try folder.write("\(index)", text) }
        let script =
            "for i in $(seq 0 \(good.count + Self.bad.count - 1)); do promtool check metrics < $i >&2; echo $?; done"
        let result = try await CommandRunner.live(
            Command(
                arguments: ["/bin/sh", "-c", script], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
                workingDirectory: folder.path, deadline: .seconds(120)))
        let codes = result.output.split(separator: "\n").map(String.init)
        #expect(codes.prefix(good.count).allSatisfy { $0 == "0" || $0 == "3" }, "\(codes) \(result.errors)")
        #expect(codes.dropFirst(good.count).allSatisfy { $0 == "1" }, "\(codes) \(result.errors)")
        #expect(codes.count == good.count + Self.bad.count)
    }
}
