using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Whether an assistant trains by itself: as the user has switched it, else as the setting says.</summary>
internal sealed class AutomaticSwitch(Database database, RetrainingSettings settings)
{
    public bool IsOn(string assistant) => database.Read(connection =>
        connection.ExecuteScalar<bool?>("SELECT automatic FROM assistants WHERE name = @name", new { name = assistant })) ?? settings.Automatic;

    public Task SetAsync(string assistant, bool isOn) => database.WriteAsync(connection =>
        connection.Execute("UPDATE assistants SET automatic = @isOn WHERE name = @name", new { isOn, name = assistant }));
}
