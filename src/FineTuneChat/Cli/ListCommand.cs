using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Protocol.Lists;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary><c>list</c>: the local models.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command("list", "Shows the models of this machine.") { json };
        command.SetAction(parsed =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            IReadOnlyList<ModelView> all = [.. access.Catalog.List().Select(access.Describe)];
            if (!ModelsAccess.IsForPeople(parsed.GetValue(json)))
                Console.WriteLine(JsonSerializer.Serialize(ListPage<ModelView>.Of(all, all.Count, m => m.Name), ModelsJson.Wire.ListPageModelView));
            else if (all.Count == 0)
                Console.WriteLine($"There is no model in {access.Catalog.Folder}. Fetch one: finetunechat pull owner/repo");
            else
                AnsiConsole.Write(TableOf(all));
        });
        return command;
    }

    private static Table TableOf(IReadOnlyList<ModelView> models)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("NAME", "SIZE", "PARAMETERS", "QUANTISATION", "CONTEXT", "MEMORY");
        foreach (ModelView m in models)
            table.AddRow(
                Markup.Escape(m.Name), ModelText.Bytes(m.Bytes), ModelText.Count(m.Parameters), m.Quantization ?? "", $"{m.ContextLength}",
                Markup.Escape(m.Problem ?? ModelText.Memory(m.Memory)));
        return table;
    }
}
