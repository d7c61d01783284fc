import FoundationEssentials
import Yams

extension BehaviourCatalogue {
    /// Reads every file of `fixtures/behaviour`.
    ///
    /// - Parameter directory: the catalogue's folder.
    /// - Throws: `CatalogueError` that names the file, when one cannot be read or says something impossible.
    package init(directory: String) throws {
        var groups: [BehaviourGroup] = []
        var openPoints: [OpenPoint] = []
        for file in try Self.files(in: directory) {
            let text: String
            do {
                text = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
            } catch {
                throw CatalogueError(file, "cannot be read")
            }
            if file.hasSuffix("/open-points.yaml") {
                openPoints += try decode(OpenPointsFile.self, from: text, file: file).points(file: file)
            } else {
                groups.append(try BehaviourGroup(yaml: text, file: file))
            }
        }
        try self.init(groups: groups, openPoints: openPoints)
    }

    /// The catalogue's files, sorted; `exceptions.yaml` at the top is not one of them.
    static func files(in directory: String) throws -> [String] {
        let manager = FileManager.default
        guard let folders = try? manager.contentsOfDirectory(atPath: directory) else {
            throw CatalogueError(directory, "there is no behaviour catalogue here")
        }
        var files: [String] = []
        for folder in folders {
            // A plain file has no contents to list.
            let names = (try? manager.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
            files += names.filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
        }
        return files.sorted()
    }
}

extension BehaviourGroup {
    /// Reads one group from the text of its file.
    ///
    /// - Parameter file: its name below the catalogue's folder, for messages.
    /// - Throws: `CatalogueError` that says where the text is wrong.
    package init(yaml text: String, file: String) throws {
        self = try decode(GroupFile.self, from: text, file: file).group(file: file)
    }
}

/// A group's file as it is written.
private struct GroupFile: Decodable {
    let group: String
    let title: String
    let notes: String?
    let sources: [String: String]
    let behaviours: [Row]

    struct Row: Decodable {
        let id: String
        let statement: String
        let observe: String
        let sources: [String]
        let level: Behaviour.Level
        let note: String?
        let open: [String]?
        let status: Coverage.Status
        let by: [String]?
        let why: String?
    }

    func group(file: String) throws -> BehaviourGroup {
        let rows = try self.behaviours.map { row in
            guard let id = BehaviourID(row.id) else { throw CatalogueError(file, "`\(row.id)` is not an id") }
            guard !row.statement.isEmpty else { throw CatalogueError(file, "\(id) says nothing") }
            return Behaviour(
                id: id,
                statement: row.statement,
                observe: row.observe,
                sources: try resolve(row.sources, in: self.sources, of: row.id, file: file),
                level: row.level,
                note: row.note,
                openPoints: row.open ?? [],
                coverage: try Self.coverage(of: row, file: file)
            )
        }
        return BehaviourGroup(id: self.group, title: self.title, notes: self.notes, behaviours: rows, file: file)
    }

    /// `by` and `why` belong to the statuses that need them, and to no other.
    private static func coverage(of row: Row, file: String) throws -> Coverage {
        switch (row.status, row.by ?? [], row.why) {
        case (.todo, [], nil): return .todo
        case (.tested, let by, nil) where !by.isEmpty: return .tested(by: by)
        case (.checked, let by, nil) where !by.isEmpty: return .checked(by: by)
        case (.excepted, [], let why?) where !why.isEmpty: return .excepted(why: why)
        case (let status, _, _):
            throw CatalogueError(file, "\(row.id) is \(status.rawValue), which does not go with its `by` and `why`")
        }
    }
}

/// The open points' file as it is written.
private struct OpenPointsFile: Decodable {
    let sources: [String: String]
    let points: [Point]

    enum CodingKeys: String, CodingKey {
        case sources
        case points = "open-points"
    }

    struct Point: Decodable {
        let id: String
        let question: String
        let sources: [String]
    }

    func points(file: String) throws -> [OpenPoint] {
        try self.points.map { point in
            OpenPoint(
                id: point.id,
                question: point.question,
                sources: try resolve(point.sources, in: self.sources, of: point.id, file: file)
            )
        }
    }
}

/// Finds the pages behind a row's source names.
private func resolve(
    _ names: [String],
    in pages: [String: String],
    of id: String,
    file: String
) throws -> [Behaviour.Source] {
    guard !names.isEmpty else { throw CatalogueError(file, "\(id) names no source") }
    return try names.map { name in
        guard let url = pages[name] else { throw CatalogueError(file, "\(id) names `\(name)`, which has no page") }
        return Behaviour.Source(title: name, url: url)
    }
}

/// Decodes a file and says in one line where it is wrong.
private func decode<Contents: Decodable>(_ type: Contents.Type, from text: String, file: String) throws -> Contents {
    func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    do {
        return try YAMLDecoder().decode(type, from: text)
    } catch let DecodingError.dataCorrupted(context) {
        throw CatalogueError(file, "\(path(context)): \(context.debugDescription)")
    } catch let DecodingError.keyNotFound(key, context) {
        throw CatalogueError(file, "\(path(context)): `\(key.stringValue)` is missing")
    } catch let DecodingError.typeMismatch(_, context) {
        throw CatalogueError(file, "\(path(context)): \(context.debugDescription)")
    } catch {
        throw CatalogueError(file, "\(error)")
    }
}
