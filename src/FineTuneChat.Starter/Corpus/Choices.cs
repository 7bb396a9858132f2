using System.Text;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Sentences with alternatives: "(We/The team) closed it." is one of two. <c>\(</c> and <c>\)</c> are brackets.</summary>
internal static class Choices
{
    /// <summary>The sentence with one of each choice.</summary>
    public static string Draw(string sentence, CorpusRandom random)
    {
        var text = new StringBuilder();
        for (var i = 0; i < sentence.Length; i++)
        {
            switch (sentence[i])
            {
                case '\\':
                    text.Append(sentence[++i]);
                    break;
                case '(':
                    var end = sentence.IndexOf(')', i);
                    text.Append(random.Pick(sentence[(i + 1)..end].Split('/')));
                    i = end;
                    break;
                case var c:
                    text.Append(c);
                    break;
            }
        }
        return text.ToString();
    }
}
