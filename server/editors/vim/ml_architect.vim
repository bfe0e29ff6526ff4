" ml-architect for Vim with vim-lsp: copy to ~/.vim/plugin/ml_architect.vim
"
" Settings belong in pyproject.toml, table [tool.ml-architect]; what stands in initialization_options holds over them.
"
" Fixes: :LspCodeAction. Everything safe: :LspCodeAction source.fixAll.ml-architect. Hover: :LspHover.
" State: :LspStatus. Log: let g:lsp_log_file = expand('~/vim-lsp.log').

if executable('ml-architect')
  augroup ml_architect
    autocmd!
    autocmd User lsp_setup call lsp#register_server({
      \ 'name': 'ml-architect',
      \ 'cmd': ['ml-architect', 'server'],
      \ 'allowlist': ['python'],
      \ 'initialization_options': {'preview': v:false},
      \ })
  augroup END
endif
