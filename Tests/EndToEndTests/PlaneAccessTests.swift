import TestKit
import Testing
import World
import hauban

@Suite("How the commands find a control plane")
struct PlaneAccessTests {
    private func code(_ work: () throws -> PlaneAccess) -> String? {
        (#expect(throws: WorldError.self) { try work() })?.code
    }

    @Test("an option goes before the variable, and that before this machine's own")
    func order() throws {
        let folder = TemporaryFolder()
        let data = folder.path
        #expect(
            code { try .find(url: nil, tokenFile: nil, data: data, variables: [:]) } == "no-control-plane",
            "nobody has started one")
        try folder.write("local.json", #"{"url":"http://127.0.0.1:9093","token":"hlt"}"#)
        let own = try PlaneAccess.find(url: nil, tokenFile: nil, data: data, variables: ["USER": "ana"])
        #expect(own == PlaneAccess(url: "http://127.0.0.1:9093", token: Secret("hlt"), user: "ana"))
        let variables = ["HAUBAN_URL": "https://pager.example/", "HAUBAN_TOKEN": "hbt_1", "USER": "ana"]
        let named = try PlaneAccess.find(url: nil, tokenFile: nil, data: data, variables: variables)
        #expect(named == PlaneAccess(url: "https://pager.example", token: Secret("hbt_1")))
        let chosen = try PlaneAccess.find(
            url: "http://[::1]:80", tokenFile: nil, data: data, variables: variables)
        #expect(chosen.url == "http://[::1]:80")
        try folder.write("token", "hbt_2\n")
        let filed = try PlaneAccess.find(
            url: nil, tokenFile: folder.path + "/token", data: data, variables: variables)
        #expect(filed.token == Secret("hbt_2"))
    }

    @Test("this machine's own token is shown to this machine's own control plane only")
    func own() throws {
        let folder = TemporaryFolder()
        try folder.write("local.json", #"{"url":"http://127.0.0.1:9093","token":"hlt"}"#)
        let same = try PlaneAccess.find(
            url: "http://127.0.0.1:9093/", tokenFile: nil, data: folder.path, variables: [:])
        #expect(same.token == Secret("hlt"))
        let other = try PlaneAccess.find(
            url: "http://127.0.0.1:9094", tokenFile: nil, data: folder.path, variables: [:])
        #expect(other.token == nil)
    }

    @Test("a token goes over TLS or stays on this machine; addresses and files that make no sense are refused")
    func refusals() throws {
        let folder = TemporaryFolder()
        let token = ["HAUBAN_TOKEN": "hbt_1"]
        func find(_ url: String, _ variables: [String: String]) throws -> PlaneAccess {
            try .find(url: url, tokenFile: nil, data: folder.path, variables: variables)
        }
        #expect(code { try find("http://pager.example:9093", token) } == "in-clear")
        #expect(try find("http://pager.example:9093", [:]).url == "http://pager.example:9093")
        #expect(try find("http://127.0.0.1:9093", token).token == Secret("hbt_1"))
        for url in ["pager.example", "ftp://pager.example", "https://", "https://a/b", "https://ana:x@pager.example"] {
            #expect(code { try find(url, token) } == "bad-url", "\(url)")
        }
        try folder.write("empty", "\n")
        #expect(
            code {
                try .find(url: "https://a", tokenFile: folder.path + "/empty", data: folder.path, variables: [:])
            } == "bad-token-file")
        #expect(
            code { try .find(url: "https://a", tokenFile: folder.path + "/none", data: folder.path, variables: [:]) }
                == "system-2")
        try folder.write("local.json", "{}")
        #expect(code { try .find(url: nil, tokenFile: nil, data: folder.path, variables: [:]) } == "bad-local-file")
    }
}
