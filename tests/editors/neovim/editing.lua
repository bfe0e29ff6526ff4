-- What a person does in Neovim, step by step; what was seen goes to the file $SEEN as JSON.
-- Started as: nvim --clean --headless -l neovim_session.lua FILE

local PATIENCE = 20000
local CODE = 'parameters-not-called'
local seen = {}

local function leave(code, reason)
  seen.failure = reason
  for _, client in ipairs(vim.lsp.get_clients()) do client:stop() end
  vim.wait(5000, function() return #vim.lsp.get_clients() == 0 end)
  seen.clients_left = #vim.lsp.get_clients()
  vim.fn.writefile({ vim.json.encode(seen) }, vim.env.SEEN)
  os.exit(code)
end

local function await(what, condition)
  if not vim.wait(PATIENCE, condition, 20) then leave(1, 'waited in vain for ' .. what) end
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') end

local function findings(row)
  return vim.tbl_filter(function(item) return item.code == CODE and (not row or item.lnum == row) end, vim.diagnostic.get(0))
end

local function hover_at(row, column)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = row, character = column },
  }
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, PATIENCE)
  for _, answer in pairs(answers or {}) do
    return answer.result and answer.result.contents or vim.NIL
  end
end

vim.lsp.enable('ml_architect')
vim.cmd.edit(vim.fn.fnameescape(vim.v.argv[#vim.v.argv]))
vim.bo.filetype = 'python'
await('the server', function()
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  return client and client.initialized
end)
local client = vim.lsp.get_clients({ bufnr = 0 })[1]
seen.name, seen.encoding, seen.root = client.name, client.offset_encoding, client.root_dir

await('diagnostics', function() return #findings() == 2 end)
seen.diagnostics = vim.tbl_map(
  function(item) return { code = item.code, source = item.source, row = item.lnum, column = item.col, severity = item.severity } end,
  findings()
)

local first = findings()[1]
seen.hover = hover_at(first.lnum, first.col)
seen.hover_elsewhere = hover_at(0, 0)

-- typing above the finding moves it, across a form feed and characters outside the basic plane
vim.api.nvim_buf_set_lines(0, 1, 1, false, { '# 😀 \f typed', '' })
await('moved diagnostics', function() return #findings(first.lnum + 2) == 1 end)

-- a quick fix, with the cursor somewhere else in the line
vim.api.nvim_win_set_cursor(0, { first.lnum + 3, 0 })
seen.offered = {}
vim.lsp.buf.code_action({
  filter = function(action)
    table.insert(seen.offered, action.title)
    return action.isPreferred == true
  end,
  apply = true,
})
await('the quick fix', function() return #findings() == 1 end)
seen.after_quick_fix = text()

-- everything that is safe; a script's edits are one undo step unless it says otherwise
vim.cmd('let &undolevels = &undolevels')
vim.lsp.buf.code_action({ context = { only = { 'source.fixAll.ml-architect' }, diagnostics = {} }, apply = true })
await('fix all', function() return #findings() == 0 end)
seen.after_fix_all = text()

-- undo is one step, and the finding comes back
vim.cmd('silent undo')
await('undo', function() return #findings() == 1 end)
vim.cmd('silent write')
leave(0)
