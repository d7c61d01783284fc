import ELBConformance
import ELBControlAPI
import ELBModel
import FoundationEssentials

extension Grader {
    /// What an answer turns out to be.
    enum Reading {
        case answer(AnswerBench)
        /// Lines as for an editor.
        case notGradable([String])
    }

    /// Reads an answer of any kind.
    func read(_ file: String, within submission: String?, _ exercise: Exercise, _ seed: UInt64) async -> Reading {
        do {
            let data = try AnswerFile.read(file, within: submission)
            if exercise.manifest.kind == .predict || exercise.manifest.kind == .code {
                // Other readers read these, which an anchor or endless nesting would hurt.
                let diagnostics = DocumentLoader.diagnostics(of: data, file: file)
                guard diagnostics.isEmpty else { return .notGradable(diagnostics.map(\.description)) }
            }
            switch exercise.manifest.kind {
            case .config:
                let topology = try TemplateReader.read([.init(file: file, bytes: data)]).topology
                return self.bench(topology, file, exercise, seed) { $0.text = String(decoding: data, as: UTF8.self) }
            case .predict:
                let (path, topology) = try self.template(of: exercise)
                let reader = try YAMLReader(text: String(decoding: data, as: UTF8.self), file: file)
                var predictions: [String: String] = [:]
                for (question, value) in try reader.entries() { predictions[question] = try value.string() }
                let filled = predictions
                return self.bench(topology, path, exercise, seed) { $0.predictions = filled }
            case .cli:
                guard let replay else { return .notGradable(["\(file): nothing here can carry out aws calls"]) }
                let topology = try await replay(file, try self.template(of: exercise).path, self.sandbox)
                return self.bench(topology, file, exercise, seed) { _ in }
            case .code:
                var subject = try SubjectCommand(file: file)
                guard subject.endpoint == nil else {
                    return .notGradable([
                        "\(file): an answer is started by Command; Endpoint is somebody else's balancer"
                    ])
                }
                subject.sandbox = self.sandbox
                try await subject.prepare()
                return self.bench(Topology(), file, exercise, seed) { $0.subject = subject }
            }
        } catch let refusal as AnswerFile.Refusal {
            return .notGradable([refusal.line])
        } catch let error as DiagnosticsError {
            return .notGradable(error.diagnostics.map(\.description))
        } catch {
            return .notGradable("\(error)".split(separator: "\n").map { String($0) })
        }
    }

    private func template(of exercise: Exercise) throws -> (path: String, topology: Topology) {
        let path = "\(exercise.starter)/\(exercise.manifest.template ?? "")"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LessonError(file: path, "cannot be read")
        }
        return (path, try TemplateReader.read([.init(file: path, bytes: Array(data))]).topology)
    }

    private func bench(
        _ topology: Topology,
        _ file: String,
        _ exercise: Exercise,
        _ seed: UInt64,
        with configure: (inout AnswerBench.Material) -> Void
    ) -> Reading {
        let missing = exercise.manifest.fleet.filter { name in !topology.instances.contains { $0.name == name } }
        guard missing.isEmpty else {
            return .notGradable(missing.map { "\(file): the lesson's server '\($0)' is not in the template" })
        }
        var material = AnswerBench.Material(topology: topology)
        configure(&material)
        return .answer(AnswerBench(material, exercise: exercise, seed: seed, grader: self))
    }
}
