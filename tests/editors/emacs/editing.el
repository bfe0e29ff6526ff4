;;; editing.el --- From the first finding to a change of the configuration  -*- lexical-binding: t; -*-

;; Started as: emacs -q --batch -l person.el -l editing.el

(defconst code "parameters-not-called")

(defun go-to (line)
  "Go to the start of LINE."
  (goto-char (point-min))
  (forward-line (1- line)))

(person-open "train it.py")
(person-see 'client (format "emacs-%d.%d-eglot-%s" emacs-major-version emacs-minor-version
                            (package-version-join (package-desc-version (cadr (assq 'eglot package-alist))))))
(person-see 'capabilities (eglot-client-capabilities (eglot-current-server)))
(person-await-findings "diagnostics" code 2)
(defun places ()
  "Return line and text of each finding."
  (mapcar (lambda (place)
            (cons (line-number-at-pos (car place)) (buffer-substring-no-properties (car place) (cdr place))))
          (person-findings code)))

(person-see 'diagnostics
            (vconcat (mapcar (lambda (place)
                               `((source . "ml-architect") (row . ,(1- (car place))) (text . ,(cdr place))))
                             (places))))

(goto-char (car (car (person-findings code))))
(person-see 'hover (person-hover))
(goto-char (point-min))
(person-see 'hover_elsewhere (person-hover))

;; typing above the finding moves it, across a form feed and characters outside the basic plane
(go-to 2)
(insert "# 😀 \f typed\n\n")
(person-await "moved diagnostics"
              (lambda () (equal (places) '((7 . "model.parameters") (8 . "model.parameters")))))

;; a quick fix
(goto-char (car (car (person-findings code))))
(person-see 'offered (person-choose "call" "quickfix"))
(person-await-findings "the quick fix" code 1)
(person-see 'after_quick_fix (person-text))

;; a comment that silences the other finding; one undo takes it back
(goto-char (car (car (person-findings code))))
(person-choose (concat "ignore " code " here"))
(person-await-findings "the suppression" code 0)
(person-see 'after_suppressing (person-text))
(person-undo)
(person-await-findings "the undone suppression" code 1)

;; everything that is safe; undo is one step, and the finding comes back
(undo-boundary)
(ml-architect-fix-all)
(undo-boundary)
(person-await-findings "fix all" code 0)
(person-see 'after_fix_all (person-text))
(person-undo)
(person-await-findings "undo" code 1)
(person-see 'after_undo (person-text))
(save-buffer)

;; another configuration file holds as soon as it is written, since Emacs watches files
(defconst original (with-temp-buffer (insert-file-contents "pyproject.toml") (buffer-string)))
(defvar counts nil)

(defun configure (what more count)
  "Write the configuration with MORE at its end and wait until it shows; WHAT describes COUNT findings."
  (write-region (concat original more) nil "pyproject.toml" nil 'silent)
  (person-await-findings what code count)
  (push (cons what (length (person-findings code))) counts))

(configure "ignored in pyproject" (format "[tool.ml-architect]\nignore = [%S]\n" code) 0)
(configure "ignored no longer" "" 1)

;; settings of the editor hold at once
(setq-default eglot-workspace-configuration `(:ml-architect (:ignore [,code])))
(eglot-signal-didChangeConfiguration (eglot-current-server))
(person-await-findings "ignored in the editor" code 0)
(push (cons "ignored in the editor" (length (person-findings code))) counts)
(person-see 'counts counts)
(person-see 'told (vconcat person-told))
(person-leave 0)
;;; editing.el ends here
