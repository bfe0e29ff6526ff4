-- A person at Neovim: waits until something is true, looks, chooses, and answers what the server asks.
-- What was seen goes to the file $SEEN as JSON.

local PATIENCE = 60000
local person = { seen = {}, told = {} }
local asked

function person.leave(code, reason)
  person.seen.failure = reason
  for _, client in ipairs(vim.lsp.get_clients()) do client:stop() end
  vim.wait(PATIENCE, function() return #vim.lsp.get_clients() == 0 end)
  person.seen.clients_left = #vim.lsp.get_clients()
  vim.fn.writefile({ vim.json.encode(person.seen) }, vim.env.SEEN)
  os.exit(code)
end

function person.await(what, condition)
  if vim.wait(PATIENCE, condition, 20) then return end
  local state = { diagnostics = vim.diagnostic.get(0), told = person.told, text = person.text() }
  person.leave(1, 'waited in vain for ' .. what .. ': ' .. vim.inspect(state))
end

-- With a line feed at the end, as in the file.
function person.text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n' end

function person.findings(code, row)
  local wanted = function(item) return item.code == code and (not row or item.lnum == row) end
  return vim.tbl_filter(wanted, vim.diagnostic.get(0))
end

-- Opens a file with the server that users get from our snippet; returns the client.
function person.open(name)
  vim.lsp.enable('ml_architect')
  vim.cmd.edit(vim.fn.fnameescape(name))
  vim.bo.filetype = 'python'
  person.await('the server', function()
    local client = vim.lsp.get_clients({ bufnr = 0 })[1]
    return client and client.initialized
  end)
  return vim.lsp.get_clients({ bufnr = 0 })[1]
end

-- Also tells the server of all that was typed before.
function person.hover_at(row, column)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = row, character = column },
  }
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, PATIENCE)
  for _, answer in pairs(answers or {}) do
    return answer.result and answer.result.contents or nil
  end
end

-- A script's changes are one undo step unless it says otherwise.
function person.undo_point() vim.cmd('let &undolevels = &undolevels') end

-- Chooses the action at the cursor for which `wanted` is true; returns the titles of all that were offered.
function person.choose(wanted, context)
  local titles = {}
  person.undo_point()
  vim.lsp.buf.code_action({
    context = context,
    filter = function(action)
      table.insert(titles, action.title)
      return wanted(action)
    end,
    apply = true,
  })
  return titles
end

-- Waits for a question of the server; returns its text and choices, and what answers it.
function person.question()
  person.await('a question', function() return asked ~= nil end)
  local question = asked
  asked = nil
  local answer = function(title)
    for _, item in ipairs(question.items) do
      if item.title == title then return question.reply(item) end
    end
    person.leave(1, 'there is no choice ' .. title)
  end
  local titles = vim.tbl_map(function(item) return item.title end, question.items)
  return { message = question.message, choices = titles }, answer
end

vim.ui.select = function(items, options, reply)
  if options.kind == 'lsp_message' then
    asked = { items = items, message = options.prompt, reply = reply }
  else
    person.leave(1, 'several actions fit: ' .. vim.inspect(items))
  end
end

vim.lsp.handlers['window/showMessage'] = function(_, params)
  table.insert(person.told, params.message)
  return params
end

return person
