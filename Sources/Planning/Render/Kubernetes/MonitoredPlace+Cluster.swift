import Spec

extension MonitoredPlace {
    /// An environment on Kubernetes, whose rules stand among its manifests.
    init(cluster place: RenderSubject.Place, source: String) {
        self.place = place
        self.source = source
        folder = "\(KubernetesRenderer.folder)/overlays/\(place.name)"
    }
}
