internal import ELBModel
internal import Glibc

/// A name's IPv4 addresses, from the name server that is asked or from the system. Blocking.
enum NameLookup {
    static func addresses(of name: String, at resolver: Endpoint?) -> [IPAddress] {
        guard let resolver else { return self.addresses(of: name) }
        guard let socket = try? RawDatagrams(to: resolver) else { return [] }
        let id = UInt16.random(in: 0...UInt16.max)
        let question = DNSMessage.Question(id: id, name: name, type: .a, payloadSize: nil)
        // Datagrams may be lost.
        for _ in 0..<3 {
            socket.send(question.bytes)
            guard let bytes = socket.receiveBytes(within: .seconds(2)), let answer = try? DNSAnswer(bytes),
                answer.id == id
            else { continue }
            return answer.answers.filter { $0.type == question.type.rawValue }.compactMap { IPAddress($0.value) }
        }
        return []
    }

    private static func addresses(of name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry {
            current.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { place in
                found.append(Self.address(UInt32(bigEndian: place.pointee.sin_addr.s_addr)))
            }
            entry = current.pointee.ai_next
        }
        return found
    }

    private static func address(_ value: UInt32) -> IPAddress {
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return .v4(IPv4Address(octets[0], octets[1], octets[2], octets[3]))
    }
}
