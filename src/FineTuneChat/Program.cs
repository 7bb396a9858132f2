using FineTuneChat.Cli;

return await CommandLine.RunAsync(args);
