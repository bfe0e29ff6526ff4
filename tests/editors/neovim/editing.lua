-- What a person does in Neovim, from the first finding to a change of the configuration.
-- Started as: nvim --clean --headless -l editing.lua FILE

local person = dofile(vim.fs.joinpath(vim.fs.dirname(vim.v.argv[#vim.v.argv - 1]), 'person.lua'))
local CODE = 'parameters-not-called'
local seen = person.seen

local function await_findings(what, count)
  person.await(what, function() return #person.findings(CODE) == count end)
end

local client = person.open(vim.v.argv[#vim.v.argv])
seen.name, seen.encoding, seen.root = client.name, client.offset_encoding, client.root_dir
local version = vim.version()
seen.client = ('neovim-%d.%d.%d'):format(version.major, version.minor, version.patch)
seen.capabilities = client.capabilities

await_findings('diagnostics', 2)
seen.diagnostics = vim.tbl_map(function(item)
  local text = vim.api.nvim_buf_get_text(0, item.lnum, item.col, item.end_lnum, item.end_col, {})
  return { source = item.source, row = item.lnum, text = table.concat(text, '\n') }
end, person.findings(CODE))

local first = person.findings(CODE)[1]
local hover = person.hover_at(first.lnum, first.col)
seen.hover, seen.hover_kind = hover.value, hover.kind
seen.hover_elsewhere = person.hover_at(0, 0)

-- typing above the finding moves it, across a form feed and characters outside the basic plane
vim.api.nvim_buf_set_lines(0, 1, 1, false, { '# 😀 \f typed', '' })
person.await('moved diagnostics', function() return #person.findings(CODE, first.lnum + 2) == 1 end)

-- a quick fix, with the cursor somewhere else in the line
vim.api.nvim_win_set_cursor(0, { first.lnum + 3, 0 })
seen.offered = person.choose(function(action) return action.isPreferred == true end)
await_findings('the quick fix', 1)
seen.after_quick_fix = person.text()

-- a comment that silences the other finding; one undo takes it back
vim.api.nvim_win_set_cursor(0, { first.lnum + 4, 0 })
person.choose(function(action) return action.title:find('ignore ' .. CODE .. ' here', 1, true) ~= nil end)
await_findings('the suppression', 0)
seen.after_suppressing = person.text()
vim.cmd('silent undo')
await_findings('the undone suppression', 1)

-- everything that is safe; undo is one step, and the finding comes back
person.choose(function() return true end, { only = { 'source.fixAll.ml-architect' }, diagnostics = {} })
await_findings('fix all', 0)
seen.after_fix_all = person.text()
vim.cmd('silent undo')
await_findings('undo', 1)
seen.after_undo = person.text()
vim.cmd('silent write')

-- another configuration file holds from the next save, since Neovim watches no files on Linux
local original = vim.fn.readfile('pyproject.toml')
seen.counts = {}
local function configure(what, lines, count)
  vim.fn.writefile(vim.list_extend(vim.deepcopy(original), lines), 'pyproject.toml')
  vim.cmd('silent write')
  await_findings(what, count)
  seen.counts[what] = #person.findings(CODE)
end
configure('ignored in pyproject', { '[tool.ml-architect]', 'ignore = ["' .. CODE .. '"]' }, 0)
configure('ignored no longer', {}, 1)

-- settings of the editor hold at once
client.settings = { ['ml-architect'] = { ignore = { CODE } } }
client:notify('workspace/didChangeConfiguration', { settings = client.settings })
await_findings('ignored in the editor', 0)
seen.counts['ignored in the editor'] = #person.findings(CODE)
seen.told = person.told
person.leave(0)
