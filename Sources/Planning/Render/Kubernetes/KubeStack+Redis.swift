import Spec

/// Redis: one server with its volume, a user for each service, and its exporter.
extension KubeStack {
    private static let redisUser = 999

    func redis(_ name: ResourceName, _ resource: Resource) -> [KubeObject] {
        let size = resource.size ?? Size(cpu: CPUCount(millis: 500), memory: ByteCount(bytes: 512 << 20))
        let policy =
            switch resource.evict {
            case .never: "noeviction"
            case .expiring: "volatile-ttl"
            case .oldest: "allkeys-lru"
            }
        let arguments = [
            "redis-server", "--aclfile", "/etc/redis/users.acl", "--dir", "/data", "--appendonly", "yes",
            "--appendfsync",
            "everysec", "--maxmemory", "\((size.memory.bytes >> 20) * 3 / 4)mb", "--maxmemory-policy", policy,
        ]
        let question: YAMLTree = [
            "command": .row(["/bin/sh", "-c", "redis-cli ping | grep -q PONG"])
        ]
        let container: [YAMLEntry] = [
            YAMLEntry("name", "redis"),
            YAMLEntry("image", .text("redis:\(resource.version ?? ImageBases.redis)-alpine")),
            YAMLEntry("command", .list(arguments.map { .text($0) })),
            YAMLEntry("ports", .list([["name": "redis", "containerPort": 6379]])),
            YAMLEntry("startupProbe", ["exec": question, "periodSeconds": 5, "failureThreshold": 60]),
            YAMLEntry("readinessProbe", ["exec": question, "periodSeconds": 5, "timeoutSeconds": 3]),
            YAMLEntry("livenessProbe", ["exec": question, "timeoutSeconds": 5, "failureThreshold": 6]),
            YAMLEntry("resources", resources(size)), YAMLEntry("securityContext", containerSecurity(user: nil)),
            YAMLEntry(
                "volumeMounts",
                .list([
                    ["name": "data", "mountPath": "/data"], ["name": "tmp", "mountPath": "/tmp"],
                    ["name": "users", "mountPath": "/etc/redis", "readOnly": true],
                ])),
        ]
        let pod: [YAMLEntry] = [
            YAMLEntry("serviceAccountName", .text(name.text)), YAMLEntry("automountServiceAccountToken", false),
            YAMLEntry("enableServiceLinks", false),
            YAMLEntry("securityContext", podSecurity(Self.redisUser, group: 1000)),
            YAMLEntry("terminationGracePeriodSeconds", 30),
            YAMLEntry(
                "containers", .list([.map(container)] + (hasMonitoring ? [redisExporter(name)] : []))),
            YAMLEntry(
                "volumes",
                .list([
                    [
                        "name": "users",
                        "secret": [
                            "secretName": .text("\(name)-users"),
                            "items": .list([["key": "users.acl", "path": "users.acl"]]),
                        ],
                    ],
                    ["name": "tmp", "emptyDir": ["sizeLimit": .text("16Mi")]],
                ])),
        ]
        let own = [Self.nameLabel: name.text].merging(labels(resource.labels)) { own, _ in own }
        let claim: YAMLTree = [
            "metadata": ["name": "data"],
            "spec": [
                "accessModes": .row(["ReadWriteOnce"]),
                "resources": [
                    "requests": ["storage": .text("\(resource.storage ?? ByteCount(bytes: 2 * size.memory.bytes))")]
                ],
            ],
        ]
        let template: YAMLTree = ["metadata": ["labels": .sorted(own)], "spec": .map(pod)]
        let spec: [YAMLEntry] = [
            YAMLEntry("serviceName", .text(name.text)), YAMLEntry("replicas", 1),
            YAMLEntry("selector", selector(name.text)),
            YAMLEntry("template", template), YAMLEntry("volumeClaimTemplates", .list([claim])),
        ]
        return [
            KubeObject(
                apiVersion: "v1", kind: "ServiceAccount", name: name.text, file: name.text,
                labels: [Self.nameLabel: name.text], body: [YAMLEntry("automountServiceAccountToken", false)]),
            KubeObject(
                apiVersion: "apps/v1", kind: "StatefulSet", name: name.text, file: name.text, labels: own,
                body: [YAMLEntry("spec", .map(spec))]),
            KubeObject(
                apiVersion: "v1", kind: "Service", name: name.text, file: name.text,
                labels: [Self.nameLabel: name.text],
                body: [
                    YAMLEntry(
                        "spec",
                        [
                            "clusterIP": "None", "selector": .sorted([Self.nameLabel: name.text]),
                            "ports": .list([["name": "redis", "port": 6379, "targetPort": "redis"]]),
                        ])
                ]),
            redisUsers(name), redisPolicy(name),
        ] + (hasMonitoring ? [podMonitor(name.text, label: Self.nameLabel, port: "metrics", path: nil)] : [])
    }

    private static let exporter = "exporter"

    private func redisExporter(_ name: ResourceName) -> YAMLTree {
        .map([
            YAMLEntry("name", .text(Self.exporter)), YAMLEntry("image", .text(MonitoringImages.redisExporter)),
            YAMLEntry("ports", .list([["name": "metrics", "containerPort": 9121]])),
            YAMLEntry(
                "env",
                .list([
                    ["name": "REDIS_ADDR", "value": "redis://127.0.0.1:6379"],
                    ["name": "REDIS_USER", "value": .text(Self.exporter)],
                    [
                        "name": "REDIS_PASSWORD",
                        "valueFrom": ["secretKeyRef": ["name": .text("\(name)-users"), "key": .text(Self.exporter)]],
                    ],
                ])),
            YAMLEntry("readinessProbe", ["httpGet": ["path": "/health", "port": "metrics"]]),
            YAMLEntry("livenessProbe", ["httpGet": ["path": "/health", "port": "metrics"], "failureThreshold": 6]),
            YAMLEntry("resources", resources(Size(cpu: CPUCount(millis: 100), memory: ByteCount(bytes: 64 << 20)))),
            YAMLEntry("securityContext", containerSecurity(user: 65534)),
        ])
    }

    /// A user for each service; who gives no password may only ask for a sign of life.
    private func redisUsers(_ name: ResourceName) -> KubeObject {
        var lines = "user default on nopass resetkeys resetchannels -@all +ping\n"
        var data: [(local: String, remote: String)] = []
        for (user, access) in users(of: name) {
            let secret = passwordName(name.cast(), user)
            data.append((Self.key(secret), secret))
            let rights = access == .read ? "+@read +@connection" : "+@all -@admin"
            lines += "user \(user) on >{{ .\(Self.key(secret)) }} ~* &* \(rights)\n"
        }
        var secret: [YAMLEntry] = []
        if hasMonitoring {
            let password = passwordName(name.cast(), ServiceName(Self.exporter) ?? name.cast())
            data.append((Self.key(password), password))
            // What the exporter's manual asks for, without a look into any key (redis_exporter, "Authenticating").
            lines +=
                "user \(Self.exporter) on >{{ .\(Self.key(password)) }} -@all +ping +info +client|setname +client|list "
            lines += "+config|get +latency|latest +slowlog|get +slowlog|len\n"
            secret.append(YAMLEntry(Self.exporter, .text("{{ .\(Self.key(password)) }}")))
        }
        secret.append(YAMLEntry("users.acl", .text(lines)))
        var object = externalSecret(
            "\(name)-users", file: name.text, data, template: [YAMLEntry("data", .map(secret))])
        object.comment = "A user for each service. Redis reads it when it starts."
        return object
    }

    private func redisPolicy(_ name: ResourceName) -> KubeObject {
        let clients = users(of: name).flatMap { user, _ in
            platform.services[user]?.migrate == nil ? [user.text] : [user.text, "\(user)-migrate"]
        }
        var spec: [YAMLEntry] = [
            YAMLEntry("podSelector", selector(name.text)), YAMLEntry("policyTypes", .row(["Ingress", "Egress"])),
        ]
        var ingress: [YAMLTree] = []
        if !clients.isEmpty { ingress.append(rule("from", [pods(clients)], [6379], comment: "Who uses it.")) }
        if hasMonitoring {
            ingress.append(rule("from", [pods(in: Self.monitoringNamespace)], [9121], comment: "Prometheus."))
        }
        if isMesh, hasMonitoring { ingress.append(kubelet([9121])) }
        if !ingress.isEmpty { spec.append(YAMLEntry("ingress", .list(ingress))) }
        return policy(name.text, name.text, .map(spec))
    }
}
