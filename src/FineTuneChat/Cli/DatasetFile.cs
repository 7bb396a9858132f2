using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Datasets;

namespace FineTuneChat.Cli;

/// <summary>A dataset file as encoded examples; what has to be left out is named on stderr.</summary>
internal static class DatasetFile
{
    /// <exception cref="UserException">The file is missing or bad, or nothing in it fits.</exception>
    public static IReadOnlyList<EncodedExample> Encode(string path, ConversationEncoder encoder, int longest, bool trainReasoning = false)
    {
        var examples = new List<EncodedExample>();
        int index = 0, tooLong = 0;
        foreach (Conversation conversation in ConversationReader.Load(path))
        {
            index++;
            foreach (EncodedExample example in Encode(encoder, conversation, trainReasoning, path, index))
            {
                if (example.Ids.Length <= longest)
                {
                    examples.Add(example);
                    continue;
                }

                tooLong++;
                Console.Error.WriteLine($"{path}: conversation {index} has {example.Ids.Length} tokens, more than {longest}; it is left out (--seq-len).");
            }
        }

        return examples.Count > 0
            ? examples
            : throw new UserException($"{path}: there is nothing to learn: {tooLong} of {index} conversations are longer than {longest} tokens (--seq-len), the others have no reply to train on.");
    }

    private static EncodedExample[] Encode(ConversationEncoder encoder, Conversation conversation, bool trainReasoning, string path, int index)
    {
        try
        {
            return [.. ExampleEncoder.Encode(encoder, conversation, trainReasoning)];
        }
        catch (TemplateException e)
        {
            throw new UserException($"{path}: the model's chat template refuses conversation {index}: {e.Message}", e);
        }
    }
}
