extension Shape where Value == Percent {
    /// `70%`, `99.95%`; at most 100 unless `beyond` is set.
    static func percent(upTo most: Int = 100) -> Shape {
        .scalar(
            "a percentage", pattern: "^[0-9]+(\\.[0-9]{1,4})?%$", examples: ["70%", "99.9%"],
            parse: { text in
                guard text.hasSuffix("%") else {
                    let number = Decimals.value(text[...], scale: 10_000)
                    // `0.999` is meant as a share of one.
                    let fraction = text.contains(".") ? Decimals.value(text[...], scale: 1_000_000) : nil
                    let share = fraction.flatMap { $0 <= 1_000_000 ? Percent(millionths: $0).description : nil }
                    return .failure(
                        .init(
                            number == nil ? .wrongValue : .missingUnit,
                            number == nil ? "'\(text)' is not a percentage" : "the share '\(text)' has no unit",
                            help: "A share is written with its unit, for example `70%`.",
                            fix: number == nil ? nil : share ?? text + "%"))
                }
                guard let value = Decimals.value(text.dropLast(), scale: 10_000) else {
                    return .failure(
                        .init("'\(text)' is not a percentage", help: "At most four digits follow the point: `99.95%`."))
                }
                guard value <= most * 10_000 else {
                    return .failure(.init(.outOfRange, "\(text) is more than \(most)%"))
                }
                return .success(Percent(millionths: value))
            },
            show: { $0.description })
    }
}

extension Shape where Value == ByteCount {
    /// `256Mi`, `20Gi`.
    static var byteCount: Shape {
        .scalar(
            "an amount of bytes", pattern: "^[0-9]+(Ki|Mi|Gi|Ti)$", examples: ["256Mi", "20Gi"],
            parse: { text in
                for (unit, size) in ByteCount.units where text.hasSuffix(unit) {
                    guard let count = Int(text.dropLast(2)), count > 0, count < 1 << 20 else { break }
                    return .success(ByteCount(bytes: count * size))
                }
                let decimal: [(String, String)] = [
                    ("GB", "Gi"), ("MB", "Mi"), ("KB", "Ki"), ("kB", "Ki"), ("TB", "Ti"), ("G", "Gi"), ("M", "Mi"),
                    ("K", "Ki"), ("k", "Ki"), ("g", "Gi"), ("m", "Mi"), ("GiB", "Gi"), ("MiB", "Mi"),
                ]
                for (suffix, unit) in decimal where text.hasSuffix(suffix) {
                    if let count = Int(text.dropLast(suffix.count)) {
                        return .failure(
                            .init(
                                "'\(text)' is not an amount of bytes",
                                help: "Units are Ki, Mi, Gi and Ti (powers of 1024).",
                                fix: "\(count)\(unit)"))
                    }
                }
                if let bytes = Int(text) {
                    let whole = ByteCount(bytes: bytes).description
                    return .failure(
                        .init(
                            .missingUnit, "the amount '\(text)' has no unit",
                            help: "Units are Ki, Mi, Gi and Ti (powers of 1024).",
                            fix: bytes > 0 && whole.hasSuffix("i") ? whole : nil))
                }
                return .failure(
                    .init("'\(text)' is not an amount of bytes", help: "Units are Ki, Mi, Gi and Ti: `256Mi`."))
            },
            show: { $0.description })
    }
}

extension Shape where Value == CPUCount {
    /// `250m` or whole and half processors `2`, `0.5`.
    static var cpu: Shape {
        .scalar(
            "a share of processors", pattern: "^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$", examples: ["250m", "2"],
            parse: { text in
                let millis = text.hasSuffix("m") ? Int(text.dropLast()) : Decimals.value(text[...], scale: 1000)
                guard let millis, millis > 0, millis <= 1_000_000 else {
                    return .failure(
                        .init(
                            "'\(text)' is not a share of processors",
                            help: "Write thousandths, `250m`, or processors, `2` or `0.5`."))
                }
                return .success(CPUCount(millis: millis))
            },
            show: { $0.description })
    }
}

extension Shape where Value == Money {
    /// `900 USD`.
    static var money: Shape {
        .scalar(
            "an amount of money", pattern: "^[0-9]+(\\.[0-9]{1,2})? [A-Z]{3}$", examples: ["900 USD", "120.50 EUR"],
            parse: { text in
                let parts = text.split(separator: " ")
                if parts.count == 2, let cents = Decimals.value(parts[0], scale: 100), parts[1].count == 3,
                    parts[1].utf8.allSatisfy({ (0x41...0x5a).contains($0) })
                {
                    return .success(Money(cents: cents, currency: String(parts[1])))
                }
                let bare = Decimals.value(text[...], scale: 100) != nil
                return .failure(
                    .init(
                        bare ? .missingUnit : .wrongValue,
                        bare ? "the amount '\(text)' has no currency" : "'\(text)' is not an amount of money",
                        help: "Write the amount, a space and the ISO 4217 code: `900 USD`.",
                        fix: bare ? "\(text) USD" : nil))
            },
            show: { $0.description })
    }
}

extension Shape where Value == Rate {
    /// `20/s`, `300/m`, `1000/h`.
    static var rate: Shape {
        .scalar(
            "a rate", pattern: "^[0-9]+/(s|m|h)$", examples: ["20/s", "300/m"],
            parse: { text in
                let parts = text.split(separator: "/")
                let units = ["s": 1, "m": 60, "h": 3600]
                guard parts.count == 2, let count = Int(parts[0]), count > 0, let per = units[String(parts[1])] else {
                    let bare = Int(text).map { $0 > 0 } == true
                    return .failure(
                        .init(
                            bare ? .missingUnit : .wrongValue,
                            bare ? "the rate '\(text)' has no unit" : "'\(text)' is not a rate",
                            help: "Write a count per s, m or h: `20/s`.", fix: bare ? text + "/s" : nil))
                }
                return .success(Rate(count: count, per: per))
            },
            show: { $0.description })
    }
}

extension Shape where Value == CalendarDate {
    /// `2027-03-31` (RFC 3339, full-date).
    static var date: Shape {
        .scalar(
            "a date", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples: ["2027-03-31"],
            parse: { text in
                let parts = text.split(separator: "-", omittingEmptySubsequences: false)
                guard parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
                    let day = Int(parts[2]), let date = CalendarDate(year: year, month: month, day: day)
                else {
                    let formed = parts.map(\.count) == [4, 2, 2] && parts.allSatisfy { Int($0) != nil }
                    return .failure(
                        .init(
                            formed ? "the calendar has no day '\(text)'" : "'\(text)' is not a date",
                            help: "Write year, month and day: `2027-03-31`."))
                }
                return .success(date)
            },
            show: { $0.description })
    }
}
