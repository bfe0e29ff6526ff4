-- ml-architect for Neovim 0.11 and later.
--
-- Copy this file to ~/.config/nvim/lsp/ml_architect.lua and put into your init.lua:
--
--   vim.lsp.enable('ml_architect')
--
-- Settings belong in pyproject.toml, table [tool.ml-architect]; what you set here holds over them in this editor:
--
--   vim.lsp.config('ml_architect', { init_options = { preview = true, ignore = { 'dataloader-no-workers' } } })
--
-- To repair on save what can be repaired safely:
--
--   vim.api.nvim_create_autocmd('BufWritePre', {
--     pattern = '*.py',
--     callback = function(event)
--       if #vim.lsp.get_clients({ bufnr = event.buf, name = 'ml_architect' }) == 0 then return end
--       vim.lsp.buf.code_action({ context = { only = { 'source.fixAll.ml-architect' }, diagnostics = {} }, apply = true })
--     end,
--   })

---@type vim.lsp.Config
return {
  cmd = { 'ml-architect', 'server' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', '.git' },
}
