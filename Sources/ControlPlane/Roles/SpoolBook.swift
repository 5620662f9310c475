import FoundationEssentials
import Response

/// How far each ingest role's spool was taken: kept with what its entries changed, so that each counts once.
struct SpoolBook {
    private struct Place: Codable {
        var number: Int
        var at: Moment
    }

    static let kind = "spool"
    private var places: [String: Place] = [:]
    private var changed: Set<String> = []

    /// - Parameter records: what is stored; other kinds are passed over.
    init(_ records: some Sequence<Record> = []) {
        for record in records where record.key.kind == Self.kind {
            guard let place = try? JSONDecoder().decode(Place.self, from: Data(record.body.utf8)) else { continue }
            places[record.key.id] = place
        }
    }

    /// The last entry that was taken; 0: none.
    func taken(_ spool: String) -> Int { places[spool]?.number ?? 0 }

    mutating func take(_ number: Int, of spool: String, at moment: Moment) {
        places[spool] = Place(number: number, at: moment)
        changed.insert(spool)
    }

    /// What is to be saved, where something was taken since the last call.
    mutating func takeChange(of spool: String) -> Record? {
        guard changed.remove(spool) != nil, let place = places[spool] else { return nil }
        guard let data = try? JSONEncoder().encode(place) else { preconditionFailure("a place is always JSON") }
        return Record(kind: Self.kind, id: spool, body: String(decoding: data, as: UTF8.self))
    }
}
