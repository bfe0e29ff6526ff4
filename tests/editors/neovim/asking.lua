-- What a person does in Neovim with a language model: apply, preview and discard, and type while being asked.
-- Started as: nvim --clean --headless -l asking.lua FILE

local person = dofile(vim.fs.joinpath(vim.fs.dirname(vim.v.argv[#vim.v.argv - 1]), 'person.lua'))
local CODE = 'missing-zero-grad'
local seen = person.seen
local window = vim.api.nvim_get_current_win()

local function finding()
  person.await('the finding', function() return #person.findings(CODE) == 1 end)
  return person.findings(CODE)[1]
end

local function ask()
  vim.api.nvim_win_set_cursor(0, { finding().lnum + 1, 0 })
  return person.choose(function(action) return action.title:find('(' .. CODE .. '): fix with', 1, true) ~= nil end)
end

person.open(vim.v.argv[#vim.v.argv])
local answer

seen.offered = ask()
seen.asked, answer = person.question()
local before = person.text()
answer('Apply')
person.await('the change', function() return person.text() ~= before end)
seen.after_apply = person.text()
person.await('no finding', function() return #person.findings(CODE) == 0 end)
vim.cmd('silent undo')
seen.after_undo = person.text()
seen.hover = person.hover_at(finding().lnum, finding().col).value

-- the change is shown in a document of its own, and thrown away
ask()
_, answer = person.question()
answer('Preview')
local again
again, answer = person.question()
seen.choices_after_preview = again.choices
for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
  if vim.api.nvim_buf_get_name(buffer):find('%.diff$') then
    vim.fn.bufload(buffer)
    seen.previewed = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n'
  end
end
answer('Discard')
vim.api.nvim_set_current_win(window)
vim.cmd.buffer('loop.py')
seen.after_discard = person.text()

-- the text changes while the question is open
ask()
_, answer = person.question()
person.undo_point()
vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# typed meanwhile' })
person.hover_at(0, 0)
answer('Apply')
person.await('a refusal', function() return #person.told > 0 end)
seen.refusal = person.told[#person.told]
seen.after_stale = person.text()
person.leave(0)
