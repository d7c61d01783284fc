/// One resource, with the name that others refer to it by, as JSON.
package struct DiscoveryResource: Hashable, Sendable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// What an Envoy is told, a `DiscoveryResponse` of xDS version 3 in JSON.
package struct DiscoveryAnswer: Hashable, Sendable {
    package var kind: DiscoveryKind
    package var resources: [DiscoveryResource]

    package init(kind: DiscoveryKind, resources: [DiscoveryResource]) {
        self.kind = kind
        self.resources = resources
    }

    /// The version is a hash of the contents (FNV-1a, 64 bits). So every Envoy that is told the same knows it by the same version, one
    /// that has it already is told so even by a lab that has been started anew, and what has not changed keeps its version
    /// when something else does: a target's death makes new endpoints, and no new listeners.
    package var version: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for resource in self.resources {
            // Between resources a byte that is in no text.
            for byte in [resource.name, resource.text].joined(separator: "\0").utf8 + [0] {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The body.
    package var text: String {
        let version = self.version
        return """
            {
            "version_info": "\(version)",
            "type_url": "\(self.kind.typeURL)",
            "nonce": "\(version)",
            "control_plane": {"identifier": "elblab"},
            "resources": [\(self.resources.map(\.text).joined(separator: ","))]
            }

            """
    }
}
