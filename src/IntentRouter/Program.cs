Console.WriteLine("intent-router");
