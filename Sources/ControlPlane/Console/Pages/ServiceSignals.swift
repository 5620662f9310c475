import Response

/// What is measured of a service, in a cell of the overview.
extension PageContext {
    private static let width = 144.0
    private static let height = 24.0

    func signals(_ service: OverviewView.Service) -> HTML {
        let traffic: HTML
        switch service.reading.traffic {
        case .success(let found):
            let promise = service.promise
            traffic = """
                <span class="line">\(signal(.perSecond(found.requestsPerSecond)))\
                \(signal(.errorShare(found.errorShare), isBad: promise?.isBroken(errors: found.errorShare) ?? false))\
                \(signal(.p95(found.p95), isBad: promise?.isBroken(p95: found.p95) ?? false))</span>
                """
        case .failure(let why): traffic = "<span class=\"dim\">\(self[.noFigures(why)])</span>"
        }
        let replicas: HTML
        switch service.reading.replicas {
        case .success(let found):
            let since: HTML = found.since.map { "<span class=\"dim\">\(ago($0))</span>" } ?? .nothing
            let restarts: HTML =
                found.restarts > 0 ? "<span class=\"dim\">\(self[.restarts(found.restarts)])</span>" : .nothing
            replicas = """
                <span class="line">\(signal(.ready(found.ready, found.wanted), isBad: found.ready < found.wanted))\
                \(since)\(restarts)</span>
                """
        case .failure(let why):
            replicas =
                service.reading.traffic == .failure(why)
                ? .nothing : "<span class=\"dim\">\(self[.noFigures(why)])</span>"
        }
        return "<div class=\"signals\">\(spark(service.line))\(traffic)\(replicas)\(promise(service.promise))</div>"
    }

    private func signal(_ text: Phrase, isBad: Bool = false) -> HTML {
        "<span class=\"signal\(raw: isBad ? " bad" : "")\">\(isBad ? Icon.incident.html : .nothing)\(self[text])</span>"
    }

    private func promise(_ promise: ServicePromise?) -> HTML {
        guard let promise, promise.availability != nil || promise.p95 != nil else { return .nothing }
        let parts = [
            promise.availability.map { self[.share($0)] },
            promise.p95.map { self[Phrase("p95 below", "p95 sous")] + " " + self[.brief($0)] },
        ].compactMap { $0 }
        return "<span class=\"dim\">\(self[.promised]) \(parts.joined(separator: ", "))</span>"
    }

    /// Requests a second of the last half hour; where nothing was known, the line has a gap.
    private func spark(_ points: [SignalBoard.Point]) -> HTML {
        let known = points.compactMap(\.requestsPerSecond)
        guard known.count > 1, let most = known.max(), most > 0 else { return .nothing }
        let span = Double(SignalBoard.reach.milliseconds)
        func x(_ moment: Moment) -> String {
            let left = Double((now - moment).milliseconds) / span
            return Self.tenths(Self.width * min(1, max(0, 1 - left)))
        }
        func y(_ rate: Double) -> String {
            Self.tenths(Self.height - 1 - (Self.height - 3) * (most > 0 ? rate / most : 0))
        }
        var path = ""
        var area = ""
        var last: Moment?
        for point in Self.thinned(points) {
            guard let rate = point.requestsPerSecond else {
                if let end = last { area += "L\(x(end)) \(Self.tenths(Self.height - 1))Z" }
                last = nil
                continue
            }
            let place = "\(x(point.at)) \(y(rate))"
            path += (last == nil ? "M" : "L") + place
            area += (last == nil ? "M\(x(point.at)) \(Self.tenths(Self.height - 1))L" : "L") + place
            last = point.at
        }
        if let end = last { area += "L\(x(end)) \(Self.tenths(Self.height - 1))Z" }
        return """
            <svg class="spark" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(self[.sparkText(most)])">\
            <line class="base" x1="0" x2="\(Int(Self.width))" y1="\(raw: Self.tenths(Self.height - 0.5))" y2="\(raw: Self.tenths(Self.height - 0.5))"/>\
            <path class="fill" d="\(raw: area)"/><path class="rate" d="\(raw: path)"/></svg>
            """
    }

    /// One point for each width of a stroke, the highest; where one was not known, the gap.
    private static func thinned(_ points: [SignalBoard.Point]) -> [SignalBoard.Point] {
        var kept: [SignalBoard.Point] = []
        for point in points {
            guard let last = kept.last, (point.at - last.at) < .seconds(25), let rate = point.requestsPerSecond,
                let other = last.requestsPerSecond
            else {
                kept.append(point)
                continue
            }
            if rate > other { kept[kept.count - 1].requestsPerSecond = rate }
        }
        return kept
    }

    /// With one decimal, without the help of a locale.
    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths % 10))"
    }
}

extension Phrase {
    static var promised: Phrase { Phrase("promised", "promis") }

    static func perSecond(_ rate: Double) -> Phrase {
        let text = decimal(rate, digits: rate < 1 ? 2 : rate < 100 ? 1 : 0)
        return Phrase("\(text.english)\u{a0}req/s", "\(text.french)\u{a0}req/s")
    }

    static func errorShare(_ share: Double) -> Phrase {
        let text = Phrase.share(share)
        return Phrase("\(text.english) errors", "\(text.french) d’erreurs")
    }

    /// `99.9%`, « 99,9 % »: a small share is never rounded to nothing.
    static func share(_ share: Double) -> Phrase {
        let percent = share * 100
        if percent > 0, percent < 0.01 { return Phrase("<0.01%", "<0,01\u{202f}%") }
        let rest = min(percent, 100 - percent)
        let text = decimal(percent, digits: rest < 0.000_1 ? 0 : rest < 0.099 ? 2 : 1)
        return Phrase("\(text.english)%", "\(text.french)\u{202f}%")
    }

    static func p95(_ length: Duration) -> Phrase {
        let text = brief(length)
        return Phrase("p95 \(text.english)", "p95 \(text.french)")
    }

    /// `840 ms`, `2.4 s`: lengths that are shorter than a minute.
    static func brief(_ length: Duration) -> Phrase {
        let seconds = Double(length.components.seconds) + Double(length.components.attoseconds) / 1e18
        guard seconds < 60 else { return .length(length) }
        if seconds >= 1 {
            let text = decimal(seconds, digits: seconds < 10 ? 1 : 0)
            return Phrase("\(text.english)\u{a0}s", "\(text.french)\u{a0}s")
        }
        let text = decimal(seconds * 1000, digits: seconds < 0.01 ? 1 : 0)
        return Phrase("\(text.english)\u{a0}ms", "\(text.french)\u{a0}ms")
    }

    static func ready(_ ready: Int, _ wanted: Int) -> Phrase {
        Phrase("\(ready)/\(wanted) ready", "\(ready)/\(wanted) \(wanted < 2 ? "prête" : "prêtes")")
    }

    static func restarts(_ count: Int) -> Phrase {
        Phrase(count, ("restart", "restarts"), ("redémarrage", "redémarrages"))
    }

    static func sparkText(_ most: Double) -> Phrase {
        let text = perSecond(most)
        return Phrase(
            "Requests of the last 30 minutes, at most \(text.english)",
            "Requêtes des 30 dernières minutes, au plus \(text.french)")
    }

    /// Why there is no figure.
    static func noFigures(_ why: ServiceReading.Absence) -> Phrase {
        switch why {
        case .noRequests: Phrase("no request within a minute", "aucune requête en une minute")
        case .notRouted: Phrase("takes no requests", "ne reçoit pas de requêtes")
        case .isSite: Phrase("static files", "fichiers statiques")
        case .notDeployed: Phrase("nothing runs", "rien ne tourne")
        case .unknown:
            Phrase("no data: not a service of this platform", "pas de données\u{a0}: service étranger à la plateforme")
        case .noMeter: Phrase("no data: nothing measures here", "pas de données\u{a0}: rien ne mesure ici")
        case .notYet: Phrase("no data yet", "pas encore de données")
        case .unreachable(let detail): Phrase("no data: \(detail)", "pas de données\u{a0}: \(detail)")
        }
    }

    /// A number with some digits after the point, or the comma.
    static func decimal(_ value: Double, digits: Int) -> Phrase {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((min(abs(value), 1e12) * Double(scale)).rounded())
        let whole = Phrase.number(scaled / scale)
        guard digits > 0 else { return whole }
        var rest = String(scaled % scale)
        rest = String(repeating: "0", count: digits - rest.utf8.count) + rest
        return Phrase("\(whole.english).\(rest)", "\(whole.french),\(rest)")
    }
}
