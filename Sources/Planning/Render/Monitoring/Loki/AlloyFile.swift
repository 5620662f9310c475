import Spec

/// What carries the containers' lines to Loki (Grafana Alloy, "loki.source.file", "loki.process").
///
/// From the files of the engine's `json-file` logs and not by its socket: who may ask that may do anything on the server. Each line
/// there bears the labels that the container's `logging` names (Docker, "JSON File logging driver", `labels`).
enum AlloyFile {
    static func artifact(_ place: MonitoredPlace) -> Artifact {
        let isSwarm = place.isSwarm
        let owner = isSwarm ? "com.docker.stack.namespace" : "com.docker.compose.project"
        let service = isSwarm ? "com.docker.swarm.service.name" : "com.docker.compose.service"
        var lines = Artifact.header(place.source).map { "// " + $0 }
        lines += [
            "",
            "local.file_match \"containers\" {",
            "  path_targets = [{\"__path__\" = \"/containers/*/*-json.log\"}]",
            "}",
            "",
            "loki.source.file \"containers\" {",
            "  targets    = local.file_match.containers.targets",
            "  forward_to = [loki.process.containers.receiver]",
            "}",
            "",
            "loki.process \"containers\" {",
            "  forward_to = [loki.write.loki.receiver]",
            "",
            "  stage.json {",
            "    expressions = {",
            "      owner   = \"attrs.\\\"\(owner)\\\"\",",
            "      service = \"attrs.\\\"\(service)\\\"\",",
            "    }",
            "  }",
            "",
        ]
        if isSwarm {
            lines += [
                "  // The engine calls a service STACK_NAME.",
                "  stage.regex {",
                "    source     = \"service\"",
                "    expression = \"^[^_]+_(?P<service>.+)$\"",
                "  }",
                "",
            ]
        }
        lines += [
            "  stage.labels {",
            "    values = {owner = \"\", service = \"\"}",
            "  }",
            "",
            "  // What else runs on this server is nobody's business here.",
            "  stage.match {",
            "    selector = \"{owner!=\\\"\(place.project)\\\"}\"",
            "    action   = \"drop\"",
            "  }",
            "",
            "  // Takes the time, the stream and the line itself out of the engine's form.",
            "  stage.docker { }",
            "",
            "  // A file's name would make a new stream of each container.",
            "  stage.label_drop {",
            "    values = [\"filename\", \"owner\"]",
            "  }",
            "}",
            "",
            "loki.write \"loki\" {",
            "  endpoint {",
            "    url = \"http://loki:3100/loki/api/v1/push\"",
            "  }",
            "}",
        ]
        return Artifact(path: "\(place.folder)/alloy/config.alloy", text: lines.joined(separator: "\n"))
    }
}
