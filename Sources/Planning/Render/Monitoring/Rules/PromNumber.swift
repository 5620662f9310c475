import Spec

/// Numbers as PromQL reads them.
enum PromNumber {
    static func text(_ value: Double) -> String {
        let rounded = (value * 1_000_000).rounded() / 1_000_000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }

    static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1000
    }

    /// A string of PromQL and LogQL in double quotes.
    static func quoted(_ text: String) -> String { JSONText.quoted(text) }

    /// Rounded up.
    static func minutes(_ duration: Duration) -> Int { Int((seconds(duration) / 60).rounded(.up)) }
}
