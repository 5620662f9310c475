import Response
import Spec
import World

/// An alarm of CloudWatch as SNS carries it ("Notifying users on alarm changes").
enum CloudWatchAlarm {
    static func report(_ alarm: JSONValue, _ context: IngestContext) throws(IngestFault) -> AlertBook.Report {
        guard let name = alarm["AlarmName"]?.word else { throw IngestFault("AlarmName is missing") }
        let trigger = alarm["Trigger"]
        var draft = AlertDraft()
        draft.label("alertname", name)
        draft.label("account", alarm["AWSAccountId"]?.word)
        let region = alarm["AlarmArn"]?.word?.split(separator: ":", omittingEmptySubsequences: false).dropFirst(3).first
        draft.label("region", region.map(String.init) ?? alarm["Region"]?.word)
        draft.label("namespace", trigger?["Namespace"]?.word)
        draft.label("metric", trigger?["MetricName"]?.word)
        for dimension in trigger?["Dimensions"]?.items ?? [] {
            guard let name = dimension["name"]?.word ?? dimension["Name"]?.word else { continue }
            draft.label("dimension_\(name)", dimension["value"]?.word ?? dimension["Value"]?.word)
        }
        var level = context.integration.level
        switch alarm["NewStateValue"]?.string {
        case "ALARM": break
        case "OK": draft.endsAt = context.now
        case "INSUFFICIENT_DATA":
            draft.label("evidence", "missing")
            level = min(level, SeverityTable.cloudWatchWithoutData)
        case let state: throw IngestFault("NewStateValue \(AlertRules.quoted(state ?? "")) is not known")
        }
        draft.label("severity", level.rawValue)
        draft.annotation("summary", alarm["AlarmDescription"]?.word ?? name)
        draft.annotation("description", alarm["NewStateReason"]?.word)
        draft.annotation("old_state", alarm["OldStateValue"]?.word)
        draft.annotation("threshold", trigger?["Threshold"]?.word)
        draft.startsAt = alarm["StateChangeTime"]?.moment
        if let region, !region.isEmpty, let escaped = escaped(name) {
            let host = region.hasPrefix("cn-") ? "console.amazonaws.cn" : "console.aws.amazon.com"
            draft.generatorURL = "https://\(host)/cloudwatch/home?region=\(region)#alarmsV2:alarm/\(escaped)"
        }
        return try draft.report(context, key: alarm["AlarmArn"]?.word ?? name)
    }

    private static func escaped(_ text: String) -> String? {
        var out = ""
        for byte in text.utf8 {
            if (0x61...0x7a).contains(byte | 0x20) && byte < 0x80 || (0x30...0x39).contains(byte) || byte == 0x2d
                || byte == 0x2e || byte == 0x5f
            {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out.isEmpty ? nil : out
    }
}
