using Dapper;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Whether the assistant trains by itself: as the user has switched it, else as the setting says.</summary>
internal sealed class AutomaticSwitch(Database database, RetrainingSettings settings)
{
    public bool IsOn => database.Read(connection =>
        connection.ExecuteScalar<bool?>("SELECT automatic FROM assistants WHERE name = @name", new { name = AssistantNames.Default })) ?? settings.Automatic;

    public Task SetAsync(bool isOn) => database.WriteAsync(connection =>
        connection.Execute("UPDATE assistants SET automatic = @isOn WHERE name = @name", new { isOn, name = AssistantNames.Default }));
}
