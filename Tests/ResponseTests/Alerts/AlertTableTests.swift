import TestKit
import Testing

@testable import Response

@Suite struct AlertTableTests {
    private static func alert(_ number: Int) -> Alert {
        Alert(
            labels: LabelSet(["n": "\(number)"]), startsAt: Moment(seconds: number),
            endsAt: Moment(seconds: number + 60),
            updatedAt: Moment(seconds: number))
    }

    @Test("holds what a dictionary holds, whatever is put in, changed and taken out")
    func likeADictionary() {
        var random = SeededGenerator(seed: 7)
        var table = AlertTable()
        var model: [Fingerprint: Alert] = [:]
        var marks: [Fingerprint: UInt64] = [:]
        for turn in 0..<20_000 {
            // Neighbours, so that many meet on the same places.
            let fingerprint = Fingerprint(value: UInt64.random(in: 0..<700, using: &random) << 32)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1, 2:
                table[fingerprint] = Self.alert(turn)
                model[fingerprint] = Self.alert(turn)
            case 3:
                table[fingerprint] = nil
                model[fingerprint] = nil
                marks[fingerprint] = nil
            case 4:
                let mark = UInt64.random(in: 1..<5_000, using: &random)
                guard model[fingerprint] != nil, !marks.values.contains(mark) else { continue }
                table.mark(fingerprint, mark)
                marks[fingerprint] = mark
            default:
                table.mark(fingerprint, 0)
                marks[fingerprint] = nil
            }
            #expect(table[fingerprint] == model[fingerprint] && table.count == model.count)
        }
        #expect(Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0.value) }) == model)
        for (fingerprint, mark) in marks {
            #expect(table.place(marked: mark).map { table.fingerprint(at: $0) } == fingerprint)
        }
        for mark in UInt64(1)..<5_000 where !marks.values.contains(mark) { #expect(table.place(marked: mark) == nil) }
        for fingerprint in model.keys { table[fingerprint] = nil }
        #expect(table.isEmpty && table.first { _ in true } == nil)
    }

    @Test("a copy keeps what it had")
    func copies() {
        var table = AlertTable()
        for number in 0..<600 { table[Fingerprint(value: UInt64(number))] = Self.alert(number) }
        let copy = table
        table[Fingerprint(value: 5)]?.source = "changed"
        table[Fingerprint(value: 300)] = nil
        table[Fingerprint(value: 9_999)] = Self.alert(1)
        #expect(copy.count == 600 && copy[Fingerprint(value: 5)]?.source == "" && copy[Fingerprint(value: 300)] != nil)
        #expect(copy[Fingerprint(value: 9_999)] == nil && table.count == 600)
    }

    @Test("a place that became free is another alert's, and bears no mark of the one before")
    func reuse() {
        var table = AlertTable()
        table[Fingerprint(value: 1)] = Self.alert(1)
        table.mark(Fingerprint(value: 1), 77)
        table[Fingerprint(value: 1)] = nil
        table[Fingerprint(value: 2)] = Self.alert(2)
        #expect(table.place(marked: 77) == nil && table.place(of: Fingerprint(value: 1)) == nil)
        table.mark(Fingerprint(value: 2), 77)
        #expect(table.place(marked: 77) == table.place(of: Fingerprint(value: 2)))
    }

    @Test("annotations keep their order, their last value, and empty ones")
    func annotations() {
        var annotations: Annotations = ["b": "1", "a": "", "b": "2"]
        #expect(annotations.pairs.map(\.name) == ["a", "b"] && annotations["b"] == "2" && annotations["a"] == "")
        annotations["aa"] = "3"
        annotations["b"] = nil
        #expect(annotations.dictionary == ["a": "", "aa": "3"] && annotations.pairs.map(\.name) == ["a", "aa"])
        #expect(annotations == Annotations(["aa": "3", "a": ""]))
    }
}
