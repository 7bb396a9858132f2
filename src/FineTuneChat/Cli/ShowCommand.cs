using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Models.Manager;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary><c>show</c>: what one model is.</summary>
internal static class ShowCommand
{
    /// <param name="verb"><c>show</c>, or <c>inspect</c> as a verb of <c>models</c>.</param>
    public static Command Create(string verb = "show")
    {
        var name = new Argument<string>("name") { Description = "A model's name, or a GGUF file" };
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command(verb, "Shows what a model is, whether it can be used, and what memory it takes.") { name, json };
        command.SetAction(parsed =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            ModelView model = access.Describe(access.Catalog.Resolve(parsed.GetRequiredValue(name)));
            if (!ModelsAccess.IsForPeople(parsed.GetValue(json)))
                Console.WriteLine(JsonSerializer.Serialize(model, ModelsJson.Wire.ModelView));
            else
                AnsiConsole.Write(GridOf(model));
        });
        return command;
    }

    private static Grid GridOf(ModelView model)
    {
        var grid = new Grid().AddColumns(2);
        foreach ((string key, string? value) in (IEnumerable<(string, string?)>)
        [
            ("name", model.Name), ("file", model.File), ("from", model.Repository), ("size", ModelText.Bytes(model.Bytes)), ("architecture", model.Architecture),
            ("parameters", ModelText.Count(model.Parameters)), ("quantisation", model.Quantization), ("context", $"{model.ContextLength}"),
            ("memory", model.Memory is { } m ? $"{ModelText.Memory(m)} (with {m.ContextLength} tokens; {ModelText.Bytes(m.Available)} are free)" : null),
            ("projectors", string.Join(", ", model.Projectors)), ("problem", model.Problem),
        ])
            if (!string.IsNullOrEmpty(value))
                grid.AddRow(key, Markup.Escape(value));
        return grid;
    }
}
