;;; asking.el --- A language model: apply, preview and discard, and type while being asked  -*- lexical-binding: t; -*-

;; Started as: emacs -q --batch -l person.el -l asking.el

(defconst code "missing-zero-grad")
(defvar file nil "The buffer of the file.")

(defun ask (&rest answers)
  "Ask the model about the finding, and answer the questions of the server with ANSWERS in turn.
An answer may be a function that returns it."
  (person-await-findings "the finding" code 1)
  (goto-char (car (car (person-findings code))))
  (setq person-asked nil
        person-told nil
        person-answer (lambda ()
                        (let ((answer (pop answers)))
                          (if (functionp answer) (funcall answer) answer))))
  (let ((count (length answers)))
    (prog1 (person-choose (format "(%s): fix with" code))
      (person-await "the questions" (lambda () (person-nudge) (= (length person-asked) count)))
      (undo-boundary))))

(person-open "loop.py")
(setq file (current-buffer))

(person-see 'offered (ask "Apply"))
(person-see 'asked `((message . ,(car (car person-asked))) (choices . ,(vconcat (cdr (car person-asked))))))
(person-await-findings "the change" code 0)
(person-see 'after_apply (person-text))
(person-undo)
(person-see 'after_undo (person-text))
(person-await-findings "undo" code 1)
(goto-char (car (car (person-findings code))))
(person-see 'hover (person-hover))

;; the change is shown in a message, as this Emacs opens no document when it is asked to, and thrown away
(ask "Preview" "Discard")
(person-see 'choices_after_preview (vconcat (cdr (car person-asked))))
(person-see 'previewed (car (last person-told)))
(person-see 'after_discard (person-text))

;; the text changes while the question is open
(ask (lambda ()
       (with-current-buffer file
         (goto-char (point-min))
         (insert "# typed meanwhile\n")
         (eglot--signal-textDocument/didChange))
       "Apply"))
(person-await "a refusal" (lambda () person-told))
(person-see 'refusal (car person-told))
(person-see 'after_stale (person-text))
(person-leave 0)
;;; asking.el ends here
