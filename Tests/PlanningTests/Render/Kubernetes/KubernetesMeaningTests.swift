import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

/// What base and overlay say together is what hauban.yaml says in that environment.
@Suite struct KubernetesMeaningTests {
    private static let meaning = """
        for place, said in given["said"].items():
            platform, environment = place.split("/")
            for folder in (f"{platform}/deploy/kubernetes/{kind}/{environment}" for kind in ("overlays", "cilium")):
                if folder not in built: continue
                objects = {(d["kind"], d["metadata"]["name"]): d for d in built[folder]}
                def complain(*words): print(folder, *words)
                def names(kind): return {name for k, name in objects if k == kind}
                for (kind, name), d in objects.items():
                    if kind == "Secret": complain("a Secret", name, "with its value")
                    if kind != "Namespace" and d["metadata"].get("namespace") != said["namespace"]: complain(kind, name, "is elsewhere")
                if names("Namespace") != {said["namespace"]}: complain(names("Namespace"))
                stores = {n for n, k in said["resources"].items()}
                expected = {n for n, s in said["services"].items() if s["schedule"] is None}
                asked = {n for n, s in said["services"].items() if s["exposed"] and said["watched"] and said["named"]}
                if {d["spec"]["targets"]["staticConfig"]["labels"]["exposed"] for (k, n), d in objects.items() if k == "Probe"} != asked:
                    complain("Probes", names("Probe"), asked)
                if names("Deployment") != expected | ({"blackbox-exporter"} if asked else set()): complain("Deployments", names("Deployment"), expected)
                if names("CronJob") != set(said["services"]) - expected: complain("CronJobs", names("CronJob"))
                if names("Job") != {n + "-migrate" for n, s in said["services"].items() if s["migrates"]}: complain("Jobs", names("Job"))
                if names("Rollout") != {n for n, s in said["services"].items() if s["canary"]}: complain("Rollouts", names("Rollout"))
                grown = {n for n, s in said["services"].items() if s["max"] > s["min"] and s["schedule"] is None}
                if names("HorizontalPodAutoscaler") != grown: complain("autoscalers", names("HorizontalPodAutoscaler"), grown)
                for name, service in said["services"].items():
                    def same(what, one, other):
                        if one != other: complain(name, what, "is", one, "and not", other)
                    counted = objects.get(("Rollout", name)) if service["canary"] else objects.get(("Deployment", name))
                    if name in grown:
                        scale = objects["HorizontalPodAutoscaler", name]["spec"]
                        same("replicas", (scale["minReplicas"], scale["maxReplicas"]), (service["min"], service["max"]))
                        same("target", scale["scaleTargetRef"]["kind"], counted["kind"])
                        same("fixed replicas", counted["spec"].get("replicas"), None)
                    elif counted: same("replicas", counted["spec"]["replicas"], max(1, service["min"]))
                    if service["schedule"]:
                        cron = objects["CronJob", name]["spec"]
                        same("schedule", cron["schedule"], service["schedule"])
                        template = cron["jobTemplate"]["spec"]["template"]
                    else: template = objects["Deployment", name]["spec"]["template"]
                    templates = [template]
                    if service["migrates"]: templates.append(objects["Job", name + "-migrate"]["spec"]["template"])
                    for template in templates:
                        container = template["spec"]["containers"][0]
                        slug = (service["source"] or "").lower().replace("/", "-") or said["platform"]
                        registry = (said["registry"] or said["platform"]) + "/"
                        same("image", container["image"], service["image"] or registry + slug + ":unreleased")
                        same("size", container["resources"]["limits"], {"cpu": service["cpu"], "memory": service["memory"]})
                        variables = {e["name"]: e["value"] for e in container.get("env", [])}
                        secret = set()
                        for source in container.get("envFrom", []):
                            if "configMapRef" in source: variables.update(objects["ConfigMap", source["configMapRef"]["name"]]["data"])
                            else:
                                outer = objects["ExternalSecret", source["secretRef"]["name"]]["spec"]
                                template_ = outer.get("target", {}).get("template", {}).get("data")
                                known = {row["secretKey"] for row in outer["data"]}
                                for text in (template_ or {}).values():
                                    for word in re.findall(r"{{ \\\\.(\\\\w+)", text):
                                        if word not in known: complain(name, word, "is not fetched")
                                secret |= set(template_ or known)
                        same("variables", sorted(set(variables) | secret), sorted(set(service["variables"])))
                        for key, value in service["literal"].items(): same(key, variables.get(key), value)
                    port = template["spec"]["containers"][0].get("ports")
                    if len(templates) == 1 and service["port"]:
                        same("port", [p["containerPort"] for p in port], [service["port"]])
                    if service["port"]:
                        same("Service", [p["port"] for p in objects["Service", name]["spec"]["ports"]], [service["port"]])
                for name, kind in said["resources"].items():
                    if kind == "postgres" and ("Cluster", name) not in objects: complain("no", name)
                    if kind == "redis" and ("StatefulSet", name) not in objects: complain("no", name)
        """

    @Test("replicas, images, ports, variables, schedules and sizes of every environment are those of hauban.yaml")
    func meaning() throws {
        let said = try KubernetesFixture.judge(Self.meaning)
        #expect(said == "")
    }

    /// Reads the policies as a cluster does: what no policy selects is free, all else needs a rule at both ends.
    private static let reach = """
        def selects(selector, labels):
            if selector is None: return False
            for key, value in selector.get("matchLabels", {}).items():
                if labels.get(key) != value: return False
            for row in selector.get("matchExpressions", []):
                if row["operator"] != "In": raise Exception(row)
                if labels.get(row["key"]) not in row["values"]: return False
            return True
        import ipaddress
        def meets(peer, end, home):
            if "ipBlock" in peer:
                block = peer["ipBlock"]
                if end["address"] is None: return False
                address = ipaddress.ip_address(end["address"])
                return address in ipaddress.ip_network(block["cidr"]) and not any(
                    address in ipaddress.ip_network(n) for n in block.get("except", []))
            if end["namespace"] is None: return False
            if "namespaceSelector" in peer:
                if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": end["namespace"]}): return False
            elif end["namespace"] != home: return False
            return selects(peer["podSelector"], end["labels"]) if "podSelector" in peer else True
        def allowed(policies, home, at, other, port, direction, side, protocol):
            if at["namespace"] != home: return True
            own = [p for p in policies if selects(p["podSelector"], at["labels"]) and direction in p["policyTypes"]]
            if not own: return True
            for policy in own:
                for rule in policy.get(direction.lower(), []):
                    if any(meets(peer, other, home) for peer in rule[side]) and any(
                        p["port"] == port and p["protocol"] == protocol for p in rule["ports"]): return True
            return False
        count = 0
        for place, said in given["said"].items():
            platform, environment = place.split("/")
            objects = built[f"{platform}/deploy/kubernetes/overlays/{environment}"]
            home = said["namespace"]
            policies = [d["spec"] for d in objects if d["kind"] == "NetworkPolicy"]
            ends = {}
            def end(name, namespace, labels, address=None): ends[name] = {"namespace": namespace, "labels": labels, "address": address}
            for d in objects:
                if d["kind"] in ("Deployment", "StatefulSet", "Job"):
                    end(d["metadata"]["name"], home, d["spec"]["template"]["metadata"]["labels"])
                if d["kind"] == "CronJob":
                    end(d["metadata"]["name"], home, d["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"])
                if d["kind"] == "Cluster":
                    end(d["metadata"]["name"], home, {"cnpg.io/cluster": d["metadata"]["name"], **d["spec"]["inheritedMetadata"]["labels"]})
            own = sorted(ends)
            end("a pod without a name", home, {})
            end("edge", "envoy-gateway-system", {"gateway.envoyproxy.io/owning-gateway-name": "edge"})
            end("another edge", "envoy-gateway-system", {"gateway.envoyproxy.io/owning-gateway-name": "other"})
            end("prometheus", "monitoring", {})
            end("operator", "cnpg-system", {})
            end("dns", "kube-system", {"k8s-app": "kube-dns"})
            end("stranger", "default", {"app.kubernetes.io/name": "api"})
            end("world", None, {}, "93.184.216.34")
            end("inside", None, {}, "10.1.2.3")
            end("metadata", None, {}, "169.254.169.254")
            end("kubelet in a mesh", None, {}, "169.254.7.127")
            services, resources = said["services"], said["resources"]
            ports = {80, 443, 10080, 10443, 6443, 53, 5432, 6379, 8000, 9115, 9121, 9187, 22} | {s["port"] for s in services.values() if s["port"]}
            expected = set()
            for name, s in services.items():
                if s["port"]:
                    if s["exposed"]: expected.add(("edge", name, s["port"]))
                    if s["measured"] and said["watched"]: expected.add(("prometheus", name, s["port"]))
                    if said["mesh"]: expected.add(("kubelet in a mesh", name, s["port"]))
                for edge in s["uses"]:
                    if edge in services: expected.add((name, edge, services[edge]["port"]))
                    port = {"postgres": 5432, "redis": 6379}.get(resources.get(edge))
                    if port:
                        expected.add((name, edge, port))
                        if s["migrates"]: expected.add((name + "-migrate", edge, port))
                    elif edge in resources: expected |= {(n, "world", 443) for n in [name] + [name + "-migrate"] * s["migrates"]}
                if s["egress"]: expected |= {(n, "world", 443) for n in [name] + [name + "-migrate"] * s["migrates"]}
            for name, kind in resources.items():
                if kind == "postgres":
                    expected |= {(a, b, p) for a, b in ((name, name), ("operator", name)) for p in (5432, 8000)}
                    expected |= {(name, o, p) for o in ("world", "inside", "metadata", "kubelet in a mesh") for p in (443, 6443)}
                    if said["watched"]: expected.add(("prometheus", name, 9187))
                if kind == "redis" and said["watched"]:
                    expected.add(("prometheus", name, 9121))
                    if said["mesh"]: expected.add(("kubelet in a mesh", name, 9121))
            if "blackbox-exporter" in ends:
                expected |= {("prometheus", "blackbox-exporter", 9115), ("blackbox-exporter", "world", said["way"])}
                expected |= {("blackbox-exporter", "edge", p) for p in (said["way"], said["way"] + 10000)}
                if said["mesh"]: expected.add(("kubelet in a mesh", "blackbox-exporter", 9115))
            expected |= {(n, "dns", 53) for n in own + ["a pod without a name"]}
            def reach(port, protocol="TCP"):
                return {(a, b, port) for a in ends for b in ends if (ends[a]["namespace"] == home or ends[b]["namespace"] == home)
                        and (a != b or ends[a]["labels"].get("cnpg.io/cluster"))
                        and allowed(policies, home, ends[a], ends[b], port, "Egress", "to", protocol)
                        and allowed(policies, home, ends[b], ends[a], port, "Ingress", "from", protocol)}
            found = set().union(*(reach(port) for port in ports))
            count += len(found)
            for edge in sorted(found - expected): print(place, "lets through", edge)
            for edge in sorted(expected - found): print(place, "keeps back", edge)
            # Each end keeps its side by itself, whatever the other one would allow.
            for direction, side, at, other in (("Egress", "to", 0, 1), ("Ingress", "from", 1, 0)):
                wanted = {e for e in expected if ends[e[at]]["namespace"] == home}
                alone = {e for port in ports for a in ends for b in ends for e in [(a, b, port)]
                         if ends[e[at]]["namespace"] == home and (a != b or ends[a]["labels"].get("cnpg.io/cluster"))
                         and allowed(policies, home, ends[e[at]], ends[e[other]], port, direction, side, "TCP")}
                for edge in sorted(alone ^ wanted): print(place, direction, "is not exact for", edge)
            if {b for a, b, p in reach(53, "UDP")} != {"dns"}: print(place, "asks names of others than DNS")
            pairs = {(a, b) for a, b, p in expected}
            for a, b, p in sorted(reach(15008)):
                if not said["mesh"] or (a, b) not in pairs: print(place, "lets a tunnel through", a, b)
            for a, b, p in sorted(expected):
                if said["mesh"] and a in own and b in services and (a, b, 15008) not in reach(15008): print(place, "no tunnel", a, b)
        if count < 100: print("only", count)
        """

    @Test("who reaches whom at which port is what uses, expose, metrics, egress and DNS say, and nothing else")
    func reach() throws {
        let said = try KubernetesFixture.judge(Self.reach)
        #expect(said == "")
    }

    @Test("with Cilium the ways out are the names of egress and no others")
    func names() throws {
        let said = try KubernetesFixture.judge(
            """
            seen = 0
            for folder, objects in built.items():
                if "/cilium/" not in folder: continue
                platform, environment = folder.split("/")[0], folder.split("/")[-1]
                said = given["said"][platform + "/" + environment]
                services = dict(said["services"])
                if said["watched"]: services["blackbox-exporter"] = {"egress": sorted({
                    h for d in objects if d["kind"] == "HTTPRoute" for h in d["spec"]["hostnames"]})}
                for name, service in services.items():
                    if not service["egress"]: continue
                    seen += 1
                    found = [d for d in objects if d["metadata"]["name"] == name + "-outside"]
                    if [d["kind"] for d in found] != ["CiliumNetworkPolicy"]: print(folder, name, found)
                    rules = [r for d in found for r in d["spec"]["egress"] if "toFQDNs" in r]
                    names = sorted(n for r in rules for row in r["toFQDNs"] for n in row.values())
                    if names != sorted(service["egress"]): print(folder, name, names)
            if seen < 5: print("only", seen)
            """)
        #expect(said == "")
    }

    @Test("the halves that Flux takes are all of it, and what waits for a migration is in the second alone")
    func halves() throws {
        let said = try KubernetesFixture.judge(
            """
            gated = 0
            for path in sorted(glob.glob("*/deploy/kubernetes/flux/*.yaml")):
                halves = list(yaml.load_all(open(path), Loader=loader))
                folder = path.split("/")[0] + "/" + halves[0]["spec"]["path"].removeprefix("./")
                file = folder + "/kustomization.yaml"
                before = open(file).read()
                found = []
                for half in halves:
                    whole = yaml.load(before, Loader=loader)
                    whole["patches"] = whole.get("patches", []) + half["spec"].get("patches", [])
                    yaml.safe_dump(whole, open(file, "w"))
                    found.append({(d["kind"], d["metadata"]["name"]): d for d in kustomize(folder)})
                open(file, "w").write(before)
                all_ = {(d["kind"], d["metadata"]["name"]) for d in built[folder]}
                if set().union(*found) != all_: print(path, all_ - set().union(*found))
                for half in found:
                    for (kind, name), d in half.items():
                        for text in re.findall(r"'configMapRef': {'name': '([^']+)'", str(d)):
                            if ("ConfigMap", text) not in half: print(path, kind, name, text, "is not in its half")
                if len(halves) < 2: continue
                first, second = found
                for key in set(first) & set(second):
                    if key[0] != "ConfigMap": print(path, key, "is in both")
                if not any(kind == "Job" for kind, name in first): print(path, "no migration in the first half")
                for key, d in second.items():
                    if key[0] != "ConfigMap" and d["metadata"].get("labels", {}).get("after") != "migration": print(path, key)
                    gated += key[0] == "Deployment"
            if gated < 6: print("only", gated)
            """)
        #expect(said == "")
    }
}
