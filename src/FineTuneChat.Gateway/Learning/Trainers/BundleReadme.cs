namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>What whoever opens a bundle should know.</summary>
internal static class BundleReadme
{
    public static string Of(BundleFile bundle) =>
        $$"""
        # {{bundle.Run}}

        A LoRA adapter is to be trained on **{{bundle.Base.Name}}**{{(bundle.Base.Revision is { } revision ? $", revision {revision}" : "")}},
        and left in `{{bundle.Output}}/` as PEFT's `adapter_model.safetensors` and `adapter_config.json`.

        - `{{bundle.Train}}`: {{bundle.Rows}} rows to learn, in OpenAI's chat format. Only messages of the assistant whose `weight` is 1 are learned, with the
          end of the turn; where no message of a row has a weight, all of the assistant's.
        - `valid.jsonl`: {{(bundle.Valid is null ? "not there, since nothing is held out" : "rows to measure on, never to learn")}}.
        - `bundle.json`: the base, the files and all options of the run. What is null is the trainer's choice.
        - `axolotl.yml`: the same for Axolotl: `axolotl train axolotl.yml` in this folder.

        Plain LoRA of rank {{bundle.Options.Rank}} and alpha {{bundle.Options.Alpha}} on linear layers; no DoRA, no `modules_to_save`. An adapter of another
        rank or another base is refused. Each line `{"step":3,"steps":90,"loss":1.7}` on standard output is shown as the progress.

        The folder has texts of users, and is deleted when the adapter was taken.
        """;
}
