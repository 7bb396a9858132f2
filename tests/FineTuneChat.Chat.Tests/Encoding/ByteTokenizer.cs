using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Chat.Tests.Encoding;

/// <summary>A vocabulary of the 256 bytes, merged into pairs where both are lower-case letters or newlines, and some control tokens.</summary>
internal sealed class ByteTokenizer(params string[] controls) : ITokenizer
{
    private const int FirstControl = 1 << 20;

    public IReadOnlyList<SpecialToken> SpecialTokens { get; init; } = [.. controls.Select((text, i) => new SpecialToken(FirstControl + i, text))];

    public int? RequiredBos { get; init; }

    public int? EndOfTurn => Id("<|im_end|>");

    public int Id(string control) => FirstControl + Array.IndexOf(controls, control);

    public bool IsEndOfGeneration(int token) => token == EndOfTurn;

    public int[] Tokenize(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var ids = new List<int>();
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isPair = i + 1 < bytes.Length && bytes[i] == bytes[i + 1] && bytes[i] is (byte)'\n' or (byte)'l';
            ids.Add(isPair ? 256 + bytes[i] : bytes[i]);
            i += isPair ? 1 : 0;
        }
        return [.. ids];
    }

    public string Text(IEnumerable<int> ids)
    {
        var text = new System.Text.StringBuilder();
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if (id < 256)
                bytes.Add((byte)id);
            else if (id < FirstControl)
                bytes.AddRange([(byte)(id - 256), (byte)(id - 256)]);
            else
            {
                Flush();
                text.Append('⟨').Append(controls[id - FirstControl]).Append('⟩');
            }
        }
        Flush();
        return text.ToString();

        void Flush()
        {
            text.Append(System.Text.Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }
}
