import Spec

/// What ships to one or more environments: a push to a branch or a tag.
struct ReleaseWay: Sendable {
    enum Event: Sendable, Hashable {
        case branch(String)
        case tag(String)
    }

    var event: Event
    /// In the order in which they are released: who takes over from another comes after it.
    var places: [RenderSubject.Place]

    /// Part of file names: the first one's name.
    var name: String { places[0].name.text }

    /// Those that ship by themselves; an environment with both a branch and a tag has two ways.
    static func all(_ places: [RenderSubject.Place]) -> [ReleaseWay] {
        var ways: [ReleaseWay] = []
        for place in places where place.settings.target != .local {
            let events = [place.settings.branch.map(Event.branch), place.settings.tag.map(Event.tag)].compactMap { $0 }
            for event in events {
                if let index = ways.firstIndex(where: { $0.event == event }) {
                    ways[index].places.append(place)
                } else {
                    ways.append(ReleaseWay(event: event, places: [place]))
                }
            }
        }
        return ways.map { way in
            var way = way
            let successors = Set(way.places.compactMap(\.settings.failover))
            way.places.sort { left, right in
                (successors.contains(left.name) ? 1 : 0, left.name) < (
                    successors.contains(right.name) ? 1 : 0, right.name
                )
            }
            return way
        }.sorted { $0.name < $1.name }
    }
}

extension RenderSubject.Place {
    /// Before the names of images, with its slash; `nil` when they are built where they run.
    var registryPath: String? {
        if let registry = settings.registry { return registry + "/" }
        switch settings.target {
        case .gcp:
            let region = settings.regions.first ?? "europe-west1"
            return "\(region)-docker.pkg.dev/\(googleProject)/images/"
        case .aws, .local, .docker, .swarm, .kubernetes: return nil
        }
    }

    /// The project on Google Cloud.
    var googleProject: String { settings.project ?? "\(platform.name)-\(name)" }

    /// Where its users come in; that of a site where there is one.
    var url: String? {
        let exposed = platform.services.sorted { $0.key < $1.key }.map(\.value).filter { !$0.expose.isEmpty }
        return (exposed.first { $0.site != nil } ?? exposed.first).flatMap(host).map { "https://\($0)" }
    }

    /// The name under which the world asks a service first.
    func host(of service: Service) -> String? {
        guard let domain = settings.domain, let exposure = service.expose.first else { return nil }
        return exposure.host.map { $0.contains(".") ? $0 : "\($0).\(domain)" } ?? domain
    }
}
