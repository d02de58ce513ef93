/** The exports of `src/` with their members, and which of them have docstrings: read from the syntax trees. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ast from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/sync";

const root = resolve(import.meta.dirname, "../..");

/** An export, or a member of an exported class or interface. */
export interface Documented {
  /** Such as "src/model/model.ts:12 Model.name". */
  readonly place: string;
  readonly isMember: boolean;
  readonly hasDocs: boolean;
}

type Declared = ast.Node & { readonly name?: ast.Node; readonly modifiers?: readonly ast.Node[] };

const hasDocs = (node: ast.Node) => (node.jsDoc?.length ?? 0) > 0;

const nameOf = (node: ast.Node): string => {
  if (is.isVariableStatement(node)) return node.declarationList.declarations.map(nameOf).join();
  return (node as Declared).name?.getText() ?? "(call)";
};

const hasModifier = (node: ast.Node, kind: ast.SyntaxKind) =>
  (node as Declared).modifiers?.some((each) => each.kind === kind) ?? false;

/** What users see of a class or an interface: no constructors, nothing private. */
function membersOf(node: ast.Node): readonly ast.Node[] {
  const members =
    is.isInterfaceDeclaration(node) || is.isClassDeclaration(node)
      ? [...node.members]
      : is.isTypeAliasDeclaration(node) && is.isTypeLiteralNode(node.type)
        ? [...node.type.members]
        : [];
  return members.filter(
    (member) =>
      !is.isConstructorDeclaration(member) &&
      !hasModifier(member, ast.SyntaxKind.PrivateKeyword) &&
      !((member as Declared).name && is.isPrivateIdentifier((member as Declared).name as ast.Node)),
  );
}

/** All exports of `src/` and their members. Overloads count once, with docs if one has them. */
export function documented(): readonly Documented[] {
  const api = new API({ cwd: root });
  try {
    const config = join(root, "tsconfig.json");
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`no project ${config}`);
    const { program } = project;
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .sort();
    const sources = files.map((name) => {
      const source = program.getSourceFile(join(root, "src", name));
      if (source === undefined) throw new Error(`no file ${name}`);
      return source;
    });
    return sources.flatMap((source, i) => {
      const at = (node: ast.Node) => source.text.slice(0, node.getStart()).split("\n").length;
      const all = source.statements.filter((s) => hasModifier(s, ast.SyntaxKind.ExportKeyword));
      const seen = new Set<string>();
      const found: Documented[] = [];
      const add = (node: ast.Node, siblings: readonly ast.Node[], owner?: string) => {
        const name = nameOf(node);
        const full = owner === undefined ? name : `${owner}.${name}`;
        if (seen.has(full)) return;
        seen.add(full);
        found.push({
          place: `src/${files[i]}:${at(node)} ${full}`,
          isMember: owner !== undefined,
          hasDocs: siblings.some((other) => nameOf(other) === name && hasDocs(other)),
        });
      };
      for (const node of all) {
        add(node, all);
        const members = membersOf(node);
        for (const member of members) add(member, members, nameOf(node));
      }
      return found;
    });
  } finally {
    api.close();
  }
}
