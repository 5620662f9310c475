import Spec

/// A dashboard of Grafana: panels from left to right in rows of a grid of 24 columns (Grafana, "Dashboard JSON model").
struct Dashboard: Sendable {
    struct Panel: Sendable {
        enum Kind: String, Sendable { case timeseries, stat }

        var kind = Kind.timeseries
        var title: String
        /// Expressions with the legend of their series.
        var queries: [(expression: String, legend: String)]
        /// In Grafana's words: `s`, `reqps`, `percentunit`, `bytes`, `short`.
        var unit = "short"
        var width = 8
    }

    static let height = 8

    var uid: String
    var title: String
    var rows: [(title: String, panels: [Panel])]

    /// - Parameter service: whether the reader chooses services, by the label of the recorded signals.
    func tree(_ place: MonitoredPlace, variable isChosen: Bool) -> YAMLTree {
        var panels: [YAMLTree] = []
        var number = 0
        var y = 0
        for row in rows where !row.panels.isEmpty {
            number += 1
            panels.append([
                "id": .integer(number), "type": "row", "title": .text(row.title), "collapsed": false, "panels": [],
                "gridPos": ["h": 1, "w": 24, "x": 0, "y": .integer(y)],
            ])
            y += 1
            var x = 0
            for panel in row.panels {
                if x + panel.width > 24 {
                    x = 0
                    y += Self.height
                }
                number += 1
                panels.append(Self.tree(panel, id: number, x: x, y: y))
                x += panel.width
            }
            y += Self.height
        }
        let variables: [YAMLTree] =
            isChosen
            ? [
                [
                    "name": "service", "label": "Service", "type": "query", "datasource": Self.source,
                    "query": [
                        "query": .text("label_values(\(GoldenSignals.rate), service)"), "refId": "service",
                    ],
                    "refresh": 2, "includeAll": true, "multi": true, "sort": 1,
                    "current": ["text": ["All"], "value": ["$__all"]],
                ]
            ] : []
        return [
            "uid": .text(uid), "title": .text(title),
            "description": .text(Artifact.header(place.source).joined()),
            "tags": [.text(place.platform.name.text), .text(place.place.name.text)], "timezone": "browser",
            "editable": false, "schemaVersion": 39, "version": 1, "refresh": "30s",
            "time": ["from": "now-6h", "to": "now"], "templating": ["list": .list(variables)],
            "annotations": ["list": []], "links": [], "panels": .list(panels),
        ]
    }

    private static let source: YAMLTree = ["type": "prometheus", "uid": "prometheus"]

    private static func tree(_ panel: Panel, id: Int, x: Int, y: Int) -> YAMLTree {
        let targets = panel.queries.enumerated().map { index, query -> YAMLTree in
            [
                "refId": .text(String(UnicodeScalar(UInt8(65 + index % 26)))), "datasource": source,
                "expr": .text(query.expression), "legendFormat": .text(query.legend),
            ]
        }
        return [
            "id": .integer(id), "type": .text(panel.kind.rawValue), "title": .text(panel.title), "datasource": source,
            "gridPos": [
                "h": .integer(height), "w": .integer(panel.width), "x": .integer(x), "y": .integer(y),
            ],
            "fieldConfig": ["defaults": ["unit": .text(panel.unit)], "overrides": []], "options": [:],
            "targets": .list(targets),
        ]
    }
}
