/// A patch as its target reads it, JSON or any text, asked for grants that no review should miss.
struct PatchText {
    private let text: String

    init(_ text: String) {
        // Values and keys stay; what lies between them does not matter.
        self.text = text.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
    }

    /// The grant of everything, in words.
    var wildcard: String? {
        let forms = [
            ("Action:*", "every action"), ("Action:[*]", "every action"), ("actions:[*]", "every action"),
            ("verbs:[*]", "every verb"), ("roles/owner", "the role of an owner"),
            ("roles/editor", "the role of an editor"), ("AdministratorAccess", "the rights of an administrator"),
            ("cluster-admin", "the rights of the cluster's administrator"),
        ]
        return forms.first { text.contains($0.0) }?.1
    }

    /// What makes a container root of its machine, as written.
    var privilege: String? {
        let forms = [
            ("privileged:true", "`privileged: true`"),
            ("allowPrivilegeEscalation:true", "`allowPrivilegeEscalation: true`"),
            ("hostNetwork:true", "`hostNetwork: true`"), ("network_mode:host", "`network_mode: host`"),
            ("hostPID:true", "`hostPID: true`"), ("pid:host", "`pid: host`"), ("runAsUser:0", "`runAsUser: 0`"),
            ("user:root", "`user: root`"), ("user:0", "`user: 0`"), ("docker.sock", "the socket of the engine"),
            ("runAsNonRoot:false", "`runAsNonRoot: false`"), ("SYS_ADMIN", "`SYS_ADMIN`"),
        ]
        return forms.first { form in
            text.ranges(of: form.0).contains { range in
                // `runAsUser:0` is not `runAsUser:0815`, nor `user:0` the end of `myuser:0`.
                let after = text[range.upperBound...].first
                let before = text[..<range.lowerBound].last
                return after?.isNumber != true && before?.isLetter != true
            }
        }?.1
    }
}
