import Spec

/// Sizes that AWS has, and which of them is the smallest that holds what was asked for.
enum AWSSizes {
    /// Processor units of 1/1024 and the MiB that go with them (Amazon ECS Developer Guide, "Task CPU and memory").
    private static let tasks: [(cpu: Int, memory: [Int])] = [
        (256, [512, 1024, 2048]),
        (512, Array(stride(from: 1024, through: 4096, by: 1024))),
        (1024, Array(stride(from: 2048, through: 8192, by: 1024))),
        (2048, Array(stride(from: 4096, through: 16_384, by: 1024))),
        (4096, Array(stride(from: 8192, through: 30_720, by: 1024))),
        (8192, Array(stride(from: 16_384, through: 61_440, by: 4096))),
        (16_384, Array(stride(from: 32_768, through: 122_880, by: 8192))),
    ]

    /// - Returns: `nil` when Fargate has none that is large enough.
    static func task(cpu: Int, memory: Int) -> (cpu: Int, memory: Int)? {
        for size in tasks where size.cpu >= cpu {
            if let fitting = size.memory.first(where: { $0 >= memory }) { return (size.cpu, fitting) }
        }
        return nil
    }

    static func units(_ cpu: CPUCount) -> Int { (cpu.millis * 1024 + 999) / 1000 }
    static func mebibytes(_ bytes: ByteCount) -> Int { (bytes.bytes + (1 << 20) - 1) >> 20 }
    static func gibibytes(_ bytes: ByteCount) -> Int { (bytes.bytes + (1 << 30) - 1) >> 30 }

    struct Machine: Sendable {
        var name: String
        var processors: Int
        var memory: Int
    }

    /// Machines of RDS, by price (Amazon RDS User Guide, "DB instance classes").
    private static let databases: [Machine] = [
        Machine(name: "db.t4g.micro", processors: 2, memory: 1024),
        Machine(name: "db.t4g.small", processors: 2, memory: 2048),
        Machine(name: "db.t4g.medium", processors: 2, memory: 4096),
        Machine(name: "db.m7g.large", processors: 2, memory: 8192),
        Machine(name: "db.r7g.large", processors: 2, memory: 16_384),
        Machine(name: "db.m7g.xlarge", processors: 4, memory: 16_384),
        Machine(name: "db.r7g.xlarge", processors: 4, memory: 32_768),
        Machine(name: "db.m7g.2xlarge", processors: 8, memory: 32_768),
        Machine(name: "db.r7g.2xlarge", processors: 8, memory: 65_536),
        Machine(name: "db.m7g.4xlarge", processors: 16, memory: 65_536),
        Machine(name: "db.r7g.4xlarge", processors: 16, memory: 131_072),
        Machine(name: "db.m7g.8xlarge", processors: 32, memory: 131_072),
        Machine(name: "db.r7g.8xlarge", processors: 32, memory: 262_144),
        Machine(name: "db.r7g.12xlarge", processors: 48, memory: 393_216),
        Machine(name: "db.r7g.16xlarge", processors: 64, memory: 524_288),
    ]

    /// Nodes of ElastiCache, by price, with the memory that is left for data.
    private static let caches: [Machine] = [
        Machine(name: "cache.t4g.micro", processors: 2, memory: 512),
        Machine(name: "cache.t4g.small", processors: 2, memory: 1402),
        Machine(name: "cache.t4g.medium", processors: 2, memory: 3164),
        Machine(name: "cache.m7g.large", processors: 2, memory: 6533),
        Machine(name: "cache.r7g.large", processors: 2, memory: 13_384),
        Machine(name: "cache.m7g.xlarge", processors: 4, memory: 13_240),
        Machine(name: "cache.r7g.xlarge", processors: 4, memory: 26_952),
        Machine(name: "cache.m7g.2xlarge", processors: 8, memory: 26_665),
        Machine(name: "cache.r7g.2xlarge", processors: 8, memory: 54_088),
        Machine(name: "cache.r7g.4xlarge", processors: 16, memory: 108_349),
        Machine(name: "cache.r7g.8xlarge", processors: 32, memory: 214_579),
        Machine(name: "cache.r7g.16xlarge", processors: 64, memory: 429_169),
    ]

    /// A 2 GiB machine when nobody said a size; `nil` when RDS has none that is large enough.
    static func database(_ size: Size?) -> Machine? { machine(size, databases, usual: 1) }
    /// A small node when nobody said a size.
    static func cache(_ size: Size?) -> Machine? { machine(size, caches, usual: 1) }

    private static func machine(_ size: Size?, _ machines: [Machine], usual: Int) -> Machine? {
        guard let size else { return machines[usual] }
        return machines.first {
            $0.processors * 1000 >= size.cpu.millis && $0.memory >= mebibytes(size.memory)
        }
    }

    /// Days that CloudWatch can keep logs for (CloudWatch Logs API, PutRetentionPolicy).
    private static let retentions = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]

    /// At least as long as was asked for, as far as there is so long.
    static func retention(_ duration: Duration) -> Int {
        let days = days(duration)
        return retentions.first { $0 >= days } ?? 3653
    }

    /// Whole days, at least one.
    static func days(_ duration: Duration) -> Int { max(1, Int((duration.components.seconds + 86_399) / 86_400)) }

    /// EventBridge Scheduler's form: six fields, `?` in one of the two kinds of days, Sunday as 1.
    /// - Returns: `nil` for both kinds of days at once, which crontab(5) takes as either of them.
    static func schedule(_ cron: CronSchedule) -> String? {
        let fields = cron.text.split(separator: " ").map(String.init)
        guard fields.count == 5 else { return nil }
        var (days, weekdays) = (fields[2], fields[4])
        if days != "*" && weekdays != "*" { return nil }
        if weekdays == "*" {
            weekdays = "?"
        } else {
            days = "?"
            weekdays = named(weekdays)
        }
        return "cron(\(fields[0]) \(fields[1]) \(days) \(fields[3]) \(weekdays) *)"
    }

    private static func named(_ weekdays: String) -> String {
        let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
        return weekdays.split(separator: ",").map { item in
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            let ends = parts[0].split(separator: "-").map { Int($0).map { names[$0] } ?? String($0) }
            return ends.joined(separator: "-") + (parts.count > 1 ? "/\(parts[1])" : "")
        }.joined(separator: ",")
    }
}
