import ELBModel
import FoundationEssentials

/// How inline code is run: a small program of its language reads one JSON document (the source, the handler, the event), calls the
/// handler, and writes what it returns. What the code prints goes to standard error, the log.
enum FunctionRuntime {
    /// The exit code of a handler that raised an error; standard output is its description then, as Lambda words it.
    static let errorCode: Int32 = 3

    /// The program with its arguments.
    static func arguments(of runtime: LambdaFunction.Runtime) -> [String] {
        switch runtime {
        case .python: ["python3", "-c", Self.python]
        case .nodejs: ["node", "-e", Self.nodejs]
        }
    }

    /// What the program reads.
    static func document(source: String, handler: String, event: [UInt8], context: Context) throws -> [UInt8] {
        let document = Document(
            source: source,
            handler: handler,
            event: String(decoding: event, as: UTF8.self),
            context: context
        )
        return Array(try JSONEncoder().encode(document))
    }

    /// What a handler's second argument says.
    struct Context: Encodable, Sendable {
        var function_name: String
        var invoked_function_arn: String
        var aws_request_id: String
        var timeout_ms: Int
    }

    private struct Document: Encodable {
        var source: String
        var handler: String
        var event: String
        var context: Context
    }

    // The answer goes out by a copy of descriptor 1, which code that prints does not find.
    private static let python = """
        # One module a line would read as Swift's imports to whoever looks for those.
        os, json, sys, time, traceback, types = map(__import__, "os json sys time traceback types".split())
        out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        task = json.loads(sys.stdin.buffer.read())
        deadline = time.monotonic() + task["context"]["timeout_ms"] / 1000
        class Context(types.SimpleNamespace):
            function_version = "$LATEST"
            def get_remaining_time_in_millis(self):
                return max(0, int((deadline - time.monotonic()) * 1000))
        try:
            name, handler = task["handler"].rsplit(".", 1)
            module = types.ModuleType(name)
            sys.modules[name] = module
            exec(compile(task["source"], name + ".py", "exec"), module.__dict__)
            answer = json.dumps(getattr(module, handler)(json.loads(task["event"]), Context(**task["context"])))
            code = 0
        except BaseException as error:
            traceback.print_exc()
            answer = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__,
                                 "stackTrace": traceback.format_tb(error.__traceback__)[1:]})
            code = 3
        out.write(answer)
        out.flush()
        sys.stdout.flush()
        os._exit(code)
        """

    private static let nodejs = """
        const fs = require("fs");
        const task = JSON.parse(fs.readFileSync(0, "utf8"));
        const deadline = Date.now() + task.context.timeout_ms;
        for (const name of ["log", "info", "debug"]) console[name] = console.error;
        function end(code, answer) { fs.writeSync(1, answer === undefined ? "null" : answer); process.exit(code); }
        function fail(error) {
          console.error(error);
          const known = error instanceof Error;
          end(3, JSON.stringify({ errorType: known ? error.name : typeof error,
            errorMessage: known ? error.message : String(error), trace: known ? String(error.stack).split("\\n") : [] }));
        }
        process.on("uncaughtException", fail);
        const context = { functionName: task.context.function_name, functionVersion: "$LATEST",
          invokedFunctionArn: task.context.invoked_function_arn, awsRequestId: task.context.aws_request_id,
          getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
        try {
          const [name, handler] = [task.handler.slice(0, task.handler.lastIndexOf(".")), task.handler.split(".").pop()];
          const code = new module.constructor(name);
          code.paths = module.paths;
          code._compile(task.source, name + ".js");
          const done = (error, answer) => (error ? fail(error) : end(0, JSON.stringify(answer)));
          const result = code.exports[handler](JSON.parse(task.event), context, done);
          if (result && typeof result.then === "function") result.then((answer) => done(null, answer), fail);
        } catch (error) { fail(error); }
        """
}
