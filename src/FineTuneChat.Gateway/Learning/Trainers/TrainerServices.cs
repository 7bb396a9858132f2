using FineTuneChat.Gateway.Learning.Runs;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>The trainer that the settings name.</summary>
internal static class TrainerServices
{
    public static void AddTrainer(this IServiceCollection services) =>
        services.AddSingleton<AdapterIntake>().AddSingleton<ITrainer>(provider => provider.GetRequiredService<TrainerSettings>().Kind switch
        {
            TrainerSettings.Job => ActivatorUtilities.CreateInstance<CommandTrainer>(provider),
            TrainerSettings.OpenAi => ActivatorUtilities.CreateInstance<FarTrainer>(provider),
            _ => ActivatorUtilities.CreateInstance<LocalTrainer>(provider),
        });
}
