using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary><c>ps</c>: which models the running server has loaded.</summary>
internal static class PsCommand
{
    public static Command Create()
    {
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command("ps", "Shows which models the running server has loaded (Server:Urls; its key from FINETUNECHAT_KEY).") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            using RunningServer server = await RunningServer.FindAsync(access.Settings.Server.Urls, cancellation)
                ?? throw new UserException($"No FineTuneChat answers at {access.Settings.Server.Urls}. Start it: finetunechat serve");
            ModelView[] loaded = [.. server.Models.Where(m => m.State != ModelState.Unloaded)];
            if (!ModelsAccess.IsForPeople(parsed.GetValue(json)))
            {
                Console.WriteLine(JsonSerializer.Serialize(ListPage<ModelView>.Of(loaded, loaded.Length, m => m.Name), ModelsJson.Wire.ListPageModelView));
                return;
            }
            var table = new Table().Border(TableBorder.None).AddColumns("NAME", "SIZE", "STATE", "ROLE");
            foreach (ModelView m in loaded)
                table.AddRow(Markup.Escape(m.Name), ModelText.Bytes(m.Bytes), m.State!, m.IsBase ? "the assistant's base" : "");
            AnsiConsole.Write(table);
        });
        return command;
    }
}
