import Diagnostics
import JSON

extension ChatTemplate {
    /// The template of a checkpoint folder: `chat_template.jinja`, else `chat_template` in tokenizer_config.json (one
    /// template, or a list of named ones of which `default` counts), else chat_template.json. With a name: the folder's
    /// template of that name (also `additional_chat_templates/NAME.jinja`), else a built-in one.
    ///
    /// - Throws: `badData` where there is none, or `usage` where none has the name.
    public static func load(directory: String, name: String? = nil, time: LocalTime? = nil) throws(Diagnostic)
        -> ChatTemplate
    {
        let wanted = name ?? "default"
        let own = try templates(in: directory, name: wanted)
        if let found = own.first(where: { $0.name == wanted }) {
            return try ChatTemplate(source: found.source, name: found.place, time: time)
        }
        guard let name else {
            throw Diagnostic(
                .badData, "the checkpoint has no chat template", at: .init(file: directory),
                remedy: "Give --template FILE|NAME|raw; the names are \(named.keys.sorted().joined(separator: ", "))")
        }
        if let source = named[name] { return try ChatTemplate(source: source, name: name, time: time) }
        let names = Set(own.map(\.name)).union(named.keys).sorted()
        throw Diagnostic(
            .usage, "there is no chat template '\(name)'", at: .init(file: directory),
            remedy: "The names are \(names.joined(separator: ", ")); a file's path needs a slash or the ending .jinja")
    }

    /// A template file.
    public static func load(file: String, time: LocalTime? = nil) throws(Diagnostic) -> ChatTemplate {
        try ChatTemplate(source: try text(ofFile: file), name: file, time: time)
    }

    private typealias Found = (name: String, source: String, place: String)

    /// The templates of a folder, those first that count where a name occurs twice.
    private static func templates(in directory: String, name: String) throws(Diagnostic) -> [Found] {
        var found: [Found] = []
        let jinja = directory + "/chat_template.jinja"
        if let source = try text(ofOptionalFile: jinja) { found.append(("default", source, jinja)) }
        if !name.contains("/") {
            let file = "\(directory)/additional_chat_templates/\(name).jinja"
            if let source = try text(ofOptionalFile: file) { found.append((name, source, file)) }
        }
        for file in ["tokenizer_config.json", "chat_template.json"].map({ directory + "/" + $0 }) {
            guard try text(ofOptionalFile: file) != nil else { continue }
            found += try templates(listedIn: try JSONValue(readingFile: file), file: file)
        }
        return found
    }

    private static func templates(listedIn value: JSONValue, file: String) throws(Diagnostic) -> [Found] {
        guard let entry = value["chat_template"], !entry.isNull else { return [] }
        if let source = entry.stringValue { return [("default", source, "\(file): chat_template")] }
        var found: [Found] = []
        for item in entry.arrayValue ?? [entry] {
            guard let name = item["name"]?.stringValue, let source = item["template"]?.stringValue else {
                throw Diagnostic(
                    .badData, "it is neither a template nor a list of named templates",
                    at: .init(file: file, field: "chat_template"), remedy: "Give --template FILE|NAME|raw")
            }
            found.append((name, source, "\(file): chat_template '\(name)'"))
        }
        return found
    }

    private static func text(ofOptionalFile path: String) throws(Diagnostic) -> String? {
        do throws(Diagnostic) { return try text(ofFile: path) } catch {
            guard error.category == .inputMissing else { throw error }
            return nil
        }
    }

    private static func text(ofFile path: String) throws(Diagnostic) -> String {
        guard let text = String(validating: try InputFile(path: path).readToEnd(), as: UTF8.self) else {
            throw Diagnostic(
                .badData, "the file is not UTF-8 text", at: .init(file: path), remedy: "Save the template as UTF-8")
        }
        return text
    }
}

extension ChatTemplate {
    /// Templates known by name, in the published formats of widely used families.
    public static let named: [String: String] = [
        "chatml": """
        {% for message in messages %}<|im_start|>{{ message.role }}
        {{ message.content }}<|im_end|>
        {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
        {% endif %}
        """,
        "llama-3": """
        {{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message.role }}<|end_header_id|>

        {{ message.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

        {% endif %}
        """,
        "llama-2": """
        {% set state = namespace(system='') %}{% for message in messages %}{% if message.role == 'system' %}\
        {% set state.system = '<<SYS>>\\n' + message.content + '\\n<</SYS>>\\n\\n' %}{% elif message.role == 'user' %}\
        {{ bos_token }}[INST] {{ state.system }}{{ message.content | trim }} [/INST]{% set state.system = '' %}\
        {% else %} {{ message.content | trim }} {{ eos_token }}{% endif %}{% endfor %}
        """,
        "gemma": """
        {{ bos_token }}{% set state = namespace(system='') %}{% for message in messages %}\
        {% if message.role == 'system' %}{% set state.system = message.content | trim + '\\n\\n' %}{% else %}\
        <start_of_turn>{{ 'model' if message.role == 'assistant' else message.role }}
        {{ state.system }}{{ message.content | trim }}<end_of_turn>
        {% set state.system = '' %}{% endif %}{% endfor %}{% if add_generation_prompt %}<start_of_turn>model
        {% endif %}
        """,
        "zephyr": """
        {% for message in messages %}<|{{ message.role }}|>
        {{ message.content }}{{ eos_token }}
        {% endfor %}{% if add_generation_prompt %}<|assistant|>
        {% endif %}
        """,
        "plain": """
        {% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\
        {% if not loop.last or add_generation_prompt %}{{ '\\n\\n' }}{% endif %}{% endfor %}\
        {% if add_generation_prompt %}Assistant: {% endif %}
        """,
    ]
}
