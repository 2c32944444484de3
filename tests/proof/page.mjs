// Runs the script of VERIFY.html without a browser: one folder or zip a line in, one answer a line out.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createInterface } from "node:readline";

const [page, rootFile] = process.argv.slice(2);
const script = /<script>([\s\S]*)<\/script>/.exec(readFileSync(page, "utf8"))[1];
const { verify, unzip, sm3, hex } = new Function(`${script}; return { verify, unzip, sm3, hex };`)();
const root = new Uint8Array(readFileSync(rootFile));

function members(folder) {
  const files = new Map();
  const look = (path, before) => {
    for (const name of readdirSync(path)) {
      if (statSync(`${path}/${name}`).isDirectory()) look(`${path}/${name}`, `${before}${name}/`);
      else files.set(before + name, new Uint8Array(readFileSync(`${path}/${name}`)));
    }
  };
  look(folder, "");
  return files;
}

for await (const line of createInterface({ input: process.stdin })) {
  let found;
  if (line.startsWith("sm3 ")) found = sm3(new Uint8Array(readFileSync(line.slice(4))));
  else
    try {
      const files = statSync(line).isDirectory() ? members(line) : unzip(new Uint8Array(readFileSync(line)));
      found = await verify(files, root);
    } catch (error) {
      found = { answer: error.answer ?? "broken", logged: false, lines: [error.said ?? [String(error), String(error)]] };
    }
  process.stdout.write(JSON.stringify(found) + "\n");
}
