import ELBModel

/// Reads `AWS::Lambda::Function`. Code stands in the template (`Code.ZipFile`), or a program of this machine runs in its place:
///
///     Metadata:
///       elblab:
///         Command: [jq, -c, "…"]   # the event on standard input, the answer on standard output
struct FunctionReader {
    /// Languages by the name of their runtimes' family.
    private static let runtimes = ["python3": LambdaFunction.Runtime.python, "nodejs": .nodejs]
    private static let notInLab: Set<String> = [
        "CapacityProviderConfig", "CodeSigningConfigArn", "DeadLetterConfig", "DurableConfig", "EphemeralStorage",
        "FileSystemConfigs", "FunctionScalingConfig", "ImageConfig", "KmsKeyArn", "Layers", "LoggingConfig",
        "PublishToLatestPublished", "RecursiveLoop", "RuntimeManagementConfig", "SnapStart", "TenancyConfig",
        "VpcConfig",
    ]

    let collector: DiagnosticCollector

    /// The function, or `nil` when too little can be read.
    func function(
        _ source: ObjectReader,
        metadata: ObjectReader?,
        arn: String,
        name: String,
        endpoint: Endpoint
    ) -> LambdaFunction? {
        var reader = source
        // Their effect is at AWS only.
        reader.accepts("FunctionName", "Description", "Role", "Architectures", "Tags", "TracingConfig")
        reader.requires("Code", "Role")
        _ = reader.text("Role")
        let timeout = self.number("Timeout", in: 1...900, &reader) ?? LambdaFunction.usualTimeoutSeconds
        _ = self.number("MemorySize", in: 128...10_240, &reader)
        let concurrency = self.number("ReservedConcurrentExecutions", in: 0...1000, &reader)
        if let package = reader.text("PackageType"), package.value != "Zip" {
            reader.refuse(package, for: "PackageType", allowed: ["Zip"], notInLab: ["Image"])
        }
        let environment = self.environment(&reader)
        let command = self.command(metadata)
        let code = self.code(&reader, hasCommand: command != nil)
        reader.finish(notInLab: Self.notInLab)
        guard let code = command ?? code else { return nil }
        return LambdaFunction(
            arn: arn,
            name: name,
            endpoint: endpoint,
            code: code,
            timeoutSeconds: timeout,
            concurrency: concurrency ?? LambdaFunction.usualConcurrency,
            environment: environment
        )
    }

    private func command(_ metadata: ObjectReader?) -> LambdaFunction.Code? {
        guard var reader = metadata else { return nil }
        let arguments = reader.texts("Command")?.map(\.value)
        reader.finish()
        guard let arguments else { return nil }
        guard !arguments.isEmpty else {
            self.collector.error("'Command' names no program", at: reader.value.location(ofProperty: "Command"))
            return nil
        }
        return .command(arguments)
    }

    private func code(_ reader: inout ObjectReader, hasCommand: Bool) -> LambdaFunction.Code? {
        let runtime = reader.text("Runtime")
        let handler = reader.text("Handler")
        guard var code = reader.object("Code", as: "Code") else { return nil }
        let source = code.text("ZipFile")
        if hasCommand {
            code.accepts("S3Bucket", "S3Key", "S3ObjectVersion", "SourceKMSKeyArn", "ImageUri")
        } else {
            reader.requires("Runtime", "Handler")
            code.requires("ZipFile")
        }
        code.finish(notInLab: [
            "ImageUri", "S3Bucket", "S3Key", "S3ObjectVersion", "S3ObjectStorageMode", "SourceKMSKeyArn",
        ])
        guard !hasCommand, let source, let runtime, let handler else { return nil }
        guard let language = self.language(runtime, reader) else { return nil }
        // CloudFormation writes the text to a file of this name.
        guard handler.value.hasPrefix("index."), handler.value.utf8.count > 6 else {
            self.collector.error(
                "'Handler' of inline code is index.NAME, not '\(handler.value.prefix(60))'",
                at: handler.location,
                suggestion: "CloudFormation writes ZipFile to a module called index"
            )
            return nil
        }
        return .inline(source: source.value, runtime: language, handler: handler.value)
    }

    private func language(_ runtime: Located<String>, _ reader: ObjectReader) -> LambdaFunction.Runtime? {
        if let language = Self.runtimes.first(where: { runtime.value.hasPrefix($0.key) })?.value { return language }
        reader.refuse(
            runtime,
            for: "Runtime",
            allowed: ["python3.13", "nodejs22.x"],
            notInLab: ["java21", "dotnet8", "ruby3.4", "provided.al2023"]
        )
        return nil
    }

    private func environment(_ reader: inout ObjectReader) -> [String: String] {
        guard var environment = reader.object("Environment", as: "Environment") else { return [:] }
        var variables: [String: String] = [:]
        if var values = environment.object("Variables", as: "Environment.Variables") {
            for entry in values.value.entries ?? [] {
                if let text = values.text(entry.key) { variables[entry.key] = text.value }
            }
        }
        environment.finish()
        return variables
    }

    private func number(_ key: String, in range: ClosedRange<Int>, _ reader: inout ObjectReader) -> Int? {
        guard let number = reader.integer(key) else { return nil }
        guard range.contains(number.value) else {
            self.collector.error(
                "'\(key)' must be \(range.lowerBound) to \(range.upperBound), not \(number.value)",
                at: number.location
            )
            return nil
        }
        return number.value
    }
}
